"""The machine that feeds every view: one reading, one fold, one transaction."""
