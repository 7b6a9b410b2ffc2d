import { confirmDialog } from "/static/components/dialog.js";
import { toast } from "/static/components/notice.js";
import { html, replace } from "/static/html.js";
import { navigate } from "/static/router.js";
import { co2, count } from "/static/units.js";
import { contract } from "/static/wallet/contracts.js";
import { showTransaction, Transaction } from "/static/wallet/transactions.js";
import { certificateNumber } from "./certificate-number.js";
import { amountIn, textProblem } from "./retire-rules.js";

const LONGEST = { beneficiary: 100, reason: 200 };

/**
 * Uses up credits of the connected account, for ever, and leads to the certificate.
 * @param {{signal: AbortSignal, done: () => void}} parts `done` after a retirement
 * @returns {{element: Element, offer: (account: string, holdings: object[]) => void}} `offer` says what there is to retire
 */
export function retireForm({ signal, done }) {
  let held = [];
  let tx = null;
  const state = html`<div></div>`;
  const choice = html`<select id="retire-what" name="id"></select>`;
  const button = html`<button class="danger">Retire …</button>`;
  const form = html`<form class="retire" novalidate @submit=${submit}>
    <h3>Retire credits</h3>
    <p>Using credits up is final: nobody can give them back, hand them on or retire them again.</p>
    ${field("retire-what", "Which credits", choice)}
    ${field("retire-amount", "Amount in µg of CO₂e", html`<input id="retire-amount" name="amount" inputmode="numeric" required />`, "A whole number; “all” for all of it.")}
    ${field("retire-beneficiary", "In whose name", html`<input id="retire-beneficiary" name="beneficiary" maxlength="100" />`, "Who may say so; public for ever; up to 100 bytes.")}
    ${field("retire-reason", "What for", html`<input id="retire-reason" name="reason" maxlength="200" />`, "Public for ever; up to 200 bytes.")}
    <p class="ways">${button}</p>
  </form>`;
  const element = html`<div>${form}${state}</div>`;

  function offer(account, holdings) {
    held = holdings;
    const chosen = choice.value;
    replace(
      choice,
      held.map(
        (of) =>
          html`<option value=${of.id}>
            ${of.zone}, ${of.vintage}: ${co2(of.held_ug)} (${count(of.held_ug)} µg)
          </option>`,
      ),
    );
    if (held.some(({ id }) => id === chosen)) choice.value = chosen;
    form.hidden = held.length === 0;
    follow(account);
  }

  /** One retirement at a time for each account; one that was under way before a reload is followed on. */
  function follow(account) {
    const key = `retire:${account.toLowerCase()}`;
    if (tx?.key === key) return;
    tx = Transaction.resume(key) ?? new Transaction({ key, label: "Retire Eco Credits", chain: "carbon" });
    if (tx.step === "confirmed" || tx.step === "failed") tx.forget();
    const mine = tx;
    const enable = () => mine === tx && (button.disabled = mine.busy);
    tx.addEventListener("change", enable);
    enable();
    replace(state, showTransaction(tx));
    if (tx.busy) tx.settled().then((confirmed) => confirmed && finished(mine));
  }

  async function submit(event) {
    event.preventDefault();
    clear();
    const of = held.find(({ id }) => id === choice.value);
    if (!of) return;
    const said = Object.fromEntries(new FormData(form));
    const amount = amountIn(said.amount, of.held_ug);
    const problems = {
      amount: typeof amount === "string" ? amount : null,
      beneficiary: textProblem(said.beneficiary, LONGEST.beneficiary),
      reason: textProblem(said.reason, LONGEST.reason),
    };
    const wrong = Object.entries(problems).filter(([, problem]) => problem);
    wrong.forEach(([name, problem]) => mark(name, problem));
    if (wrong.length) {
      form.querySelector(`[name=${wrong[0][0]}]`).focus();
      return;
    }
    const sure = await confirmDialog({
      title: `Retire ${co2(Number(amount))}?`,
      text: html`<p>
        ${count(amount)} µg of ${of.zone},
        ${of.vintage}${said.beneficiary ? `, in the name of ${said.beneficiary}` : ""}, are used up for ever.
        This cannot be taken back, and the texts stay public on the chain.
      </p>`,
      confirm: "Retire for ever",
      danger: true,
    });
    if (!sure || signal.aborted) return;
    const mine = tx;
    const sent = () =>
      contract("CarbonCredit").then((credits) =>
        credits.retire(BigInt(of.id), amount, said.beneficiary, said.reason),
      );
    if (await mine.run(sent)) await finished(mine);
  }

  async function finished(mine) {
    const number = await certificateNumber(mine.hash).catch(() => null);
    mine.forget();
    if (signal.aborted) return;
    toast("The credits are retired.");
    if (number === null) done();
    else navigate(`/credits/certificates/${number}`);
  }

  const clear = () => {
    form.querySelectorAll(".wrong").forEach((note) => note.remove());
    form.querySelectorAll("[aria-invalid]").forEach((input) => input.removeAttribute("aria-invalid"));
  };
  const mark = (name, problem) => {
    const input = form.querySelector(`[name=${name}]`);
    const note = html`<p class="wrong" id="${input.id}-wrong">${problem}</p>`;
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", note.id);
    input.closest(".field").append(note);
  };
  return { element, offer };
}

const field = (id, label, input, help = null) =>
  html`<div class="field">
    <label for=${id}>${label}</label>
    ${input}${help ? html`<small class="help">${help}</small>` : null}
  </div>`;
