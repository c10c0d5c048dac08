'use strict'
// Serves the .geojson files of a folder as ArcGIS feature services, for tests and measurements: node server.js FOLDER PORT
const path = require('path')
const Koop = require('@koopjs/koop-core')
const provider = require('@koopjs/provider-file-geojson')

const [folder, port] = process.argv.slice(2)
const koop = new Koop({ logLevel: 'error' })
koop.register(provider, { dataDir: path.relative(process.cwd(), folder) })
koop.server.listen(Number(port), '127.0.0.1')
