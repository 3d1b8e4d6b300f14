"""What all routes share: middleware, problems, limits, paging, security."""
