"""What operators do with the system: verify that nothing was lost, doubled or bent."""

from policies.documents import hand_in

hand_in()
