"""What is reported already, asked of Signalen: states, what a signal is, which objects it names, who asks when."""
