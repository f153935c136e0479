// SPDX-License-Identifier: Apache-2.0
//
// What the terminal can show.
#pragma once

namespace phasic {

// True when standard output is a terminal.
bool IsTerminal();

// The terminal's columns; else the environment's COLUMNS; else 80. At least 40.
int TerminalWidth();

// True when the locale's characters are UTF-8.
bool IsUtf8();

}  // namespace phasic
