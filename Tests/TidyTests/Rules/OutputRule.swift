/// One place writes to standard output and standard error: there text from outside is inert, or has been made so by `Inert`.
enum OutputRule {
    static let homes: [String: String] = [
        "Sources/tidewatch/Console/Console.swift": "it is that place",
        "Sources/tidewatch/Console/ProgressLine.swift": "it clears and repeats a line of a terminal",
    ]

    static func findings(in files: [SourceFile], homes: Set<String>) -> [Finding] {
        files.filter { $0.path.hasPrefix("Sources/") && !homes.contains($0.path) }.flatMap { file in
            file.tokens.indices.compactMap { place in
                guard let word = output(at: place, in: file.tokens) else { return nil }
                return Finding(
                    rule: .output, file: file.path, line: file.tokens[place].line, subject: word,
                    advice: "'\(word)': print through `Console`, which makes what names hold inert.")
            }
        }
    }

    private static func output(at place: Int, in tokens: [Token]) -> String? {
        let name = tokens[place].text
        guard tokens[place].kind == .word else { return nil }
        if ["standardOutput", "standardError"].contains(name) {
            return place >= 2 && tokens[place - 1].isSymbol(".") && tokens[place - 2].isWord("FileHandle") ? name : nil
        }
        guard ["print", "debugPrint", "puts", "fputs", "NSLog"].contains(name), place + 1 < tokens.count,
            tokens[place + 1].isSymbol("(")
        else { return nil }
        let isOther = place > 0 && (tokens[place - 1].isSymbol(".") || tokens[place - 1].isWord("func"))
        return isOther ? nil : name
    }
}
