/** What each check of an audit is about, for somebody who has not read the contracts. By the finding's name. */
export const CHECKS = {
  contracts: ["The right contracts", "The contract that holds the deposits obeys this escrow and no other."],
  opened: [
    "Paid for, once",
    "The customer’s fee arrived in the escrow, under an id that only this customer could make.",
  ],
  life: [
    "A regular life",
    "Every step followed from the one before it, in its time, and the job ended once.",
  ],
  trainers: [
    "Trainers chosen in time",
    "The trainers had staked, were free, and were named before anybody could know who would judge them.",
  ],
  draw: [
    "A fair draw of judges",
    "The validators are those that a block’s hash draws, by deposit × rating; nobody picked them.",
  ],
  rounds: ["Rounds in order", "Each closed round left its fingerprint on chain, one after the other."],
  verdict: [
    "A quorum signed",
    "The verdict carries the signatures of the drawn validators, over exactly this.",
  ],
  spec: ["The specification paid for", "What was trained is what the customer paid for, to the letter."],
  shares: [
    "Pay follows from the scores",
    "Every wei that a node was paid follows from the scores on chain by the published formula.",
  ],
  refund: ["Refunds are whole", "If the work was not good, the customer got back all of the fee."],
  accusations: [
    "Accusations by the rules",
    "Only a verdict accused anybody, the accused had time to contest, and a taken deposit went to the honest.",
  ],
  credits: [
    "Nobody withdrew more",
    "What the job’s people withdrew is what they were owed, and went to themselves.",
  ],
  result: [
    "The model is the signed one",
    "The file that is handed out is the one whose hash the validators signed.",
  ],
  evidence: [
    "The verdict follows from the reports",
    "The validators’ signed reports lead to this verdict and no other.",
  ],
  lineage: [
    "How the model came about",
    "Each round trained the model of the one before; the last one’s is the result.",
  ],
  sealed: [
    "Energy in the ledger",
    "The job’s readings stand once in an epoch of the energy ledger that adds up and was not found wrong.",
  ],
  certificate: [
    "Green certificate",
    "A zero-knowledge proof on the carbon chain says that the job stayed under its bound.",
  ],
};
