/** Rows out of lines, as Python's `csv.reader` splits them. */

import { characters } from "/static/datasets/text.js";

const FIELD_LIMIT = 131_072;
const [RECORD, FIELD, PLAIN, QUOTED, QUOTE, EATING] = [0, 1, 2, 3, 4, 5];
const QUOTE_MARK = 34;
const FEED = 10;
const RETURN = 13;

/** A row that is malformed, as the `csv.Error` of Python says it. */
export class CsvError extends Error {}

export class CsvReader {
  /** @param {string} delimiter  @param {boolean} strict whether quotes must stand where they can */
  constructor(delimiter, strict) {
    this.delimiter = delimiter;
    this.strict = strict;
    /** Lines taken so far. */
    this.lines = 0;
    this.state = RECORD;
    /** @type {string[]} */
    this.fields = [];
    this.field = "";
  }

  /**
   * Take a line with its end.
   * @param {string} line
   * @returns {string[] | null} the row that it ends; null within a quoted field
   */
  take(line) {
    this.lines += 1;
    if (this.state === RECORD && line.length < FIELD_LIMIT && !line.includes('"')) {
      const row = plain(line, this.delimiter);
      if (row) return row;
    }
    this.scan(line);
    if (this.state !== RECORD) return null;
    const row = this.fields;
    this.fields = [];
    return row;
  }

  /** The row that the end of the file ends, if any. @returns {string[] | null} */
  end() {
    if (this.state !== QUOTED && !this.field) return null;
    if (this.strict) throw new CsvError("unexpected end of data");
    this.save();
    return this.fields;
  }

  /** @param {string} line */
  scan(line) {
    const delimiter = this.delimiter.charCodeAt(0);
    let start = 0;
    for (let i = 0; i < line.length; i++) {
      const c = line.charCodeAt(i);
      switch (this.state) {
        case RECORD:
        case FIELD:
          if (c === FEED || c === RETURN) {
            if (this.state === FIELD) this.save();
            this.state = EATING;
          } else if (c === QUOTE_MARK) {
            this.state = QUOTED;
            start = i + 1;
          } else if (c === delimiter) {
            this.save();
            this.state = FIELD;
          } else {
            this.state = PLAIN;
            start = i;
          }
          break;
        case PLAIN:
          if (c !== FEED && c !== RETURN && c !== delimiter) break;
          this.add(line.slice(start, i));
          this.save();
          this.state = c === delimiter ? FIELD : EATING;
          break;
        case QUOTED:
          if (c !== QUOTE_MARK) break;
          this.add(line.slice(start, i));
          this.state = QUOTE;
          break;
        case QUOTE:
          if (c === QUOTE_MARK) {
            this.state = QUOTED;
            start = i;
          } else if (c === delimiter || c === FEED || c === RETURN) {
            this.save();
            this.state = c === delimiter ? FIELD : EATING;
          } else if (this.strict) {
            throw new CsvError(`'${this.delimiter}' expected after '"'`);
          } else {
            this.state = PLAIN;
            start = i;
          }
          break;
        default:
          if (c !== FEED && c !== RETURN) {
            throw new CsvError(
              "new-line character seen in unquoted field - do you need to open the file in universal-newline mode?",
            );
          }
      }
    }
    this.endLine(line, start);
  }

  /** @param {string} line  @param {number} start of the piece of a field that the line ends in */
  endLine(line, start) {
    if (this.state === QUOTED) {
      this.add(line.slice(start));
      return;
    }
    if (this.state === PLAIN) this.add(line.slice(start));
    if (this.state !== RECORD && this.state !== EATING) this.save();
    this.state = RECORD;
  }

  /** @param {string} piece */
  add(piece) {
    this.field += piece;
    if (this.field.length > FIELD_LIMIT && characters(this.field) > FIELD_LIMIT) {
      throw new CsvError(`field larger than field limit (${FIELD_LIMIT})`);
    }
  }

  save() {
    this.fields.push(this.field);
    this.field = "";
  }
}

/** A line without quotes; null where something stands behind a carriage return. @param {string} line  @param {string} delimiter */
function plain(line, delimiter) {
  let end = line.length;
  if (line.charCodeAt(end - 1) === FEED) end -= 1;
  if (line.charCodeAt(end - 1) === RETURN) end -= 1;
  const text = line.slice(0, end);
  if (text.includes("\r")) return null;
  return text ? text.split(delimiter) : [];
}
