pragma circom 2.1.6;

include "green_budget.circom";

component main {public [bound, commitment, factors]} = GreenBudget(96);
