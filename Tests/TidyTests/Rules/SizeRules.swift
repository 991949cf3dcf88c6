/// No file of more than 400 lines: it holds a second idea.
enum LengthRule {
    static let linesMax = 400

    static func findings(in files: [SourceFile]) -> [Finding] {
        files.filter { $0.lineCount > linesMax }.map {
            Finding(
                rule: .length, file: $0.path, line: linesMax + 1, subject: "file",
                advice: "\($0.lineCount) lines, at most \(linesMax): move its second idea to a file of its own.")
        }
    }
}

/// No function with more than seven parameters: some of them belong together, and are a type.
enum ParameterRule {
    static let parametersMax = 7

    static func findings(in files: [SourceFile]) -> [Finding] {
        files.flatMap { file in
            DeclarationScanner.declarations(in: file.tokens).filter { $0.parameters.count > parametersMax }.map {
                Finding(
                    rule: .parameters, file: file.path, line: $0.line, subject: $0.name,
                    advice: "'\($0.name)' has \($0.parameters.count) parameters, at most \(parametersMax): "
                        + "make those that belong together a type.")
            }
        }
    }
}
