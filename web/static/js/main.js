// What every page has. Each module is one concern and starts itself.
import "./dialogs.js";
// Before the drafts: they look at what a form has when it came anew.
import "./typed_ahead.js";
import "./drafts.js";
import "./file_text.js";
import "./focus.js";
import "./kept_open.js";
import "./live.js";
import "./not_sent.js";
import "./open_forms.js";
import "./presence.js";
import "./returned.js";
import "./shortcuts.js";
import "./sign_in_again.js";
import "./typing.js";
import "./submits.js";
import "./time_left.js";
import "./toggles.js";
import "./undo.js";
