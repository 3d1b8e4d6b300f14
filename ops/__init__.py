"""What operators do with the system: verify that nothing was lost, doubled or bent."""

from policies.documents import hand_in

# Whatever works on cases has the published policies from its first line on.
hand_in()
