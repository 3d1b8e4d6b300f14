"""What we remember about each case, and the only place that speaks SQL."""
