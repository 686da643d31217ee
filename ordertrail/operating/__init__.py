"""What an operator does with a company's log and views: verify, export, rebuild."""
