"""Who was given which case by rule, and for whom cases wait."""
