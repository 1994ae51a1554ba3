"""The marketing toolbox: location profile, facts for job advertisements, slides for a committee."""
