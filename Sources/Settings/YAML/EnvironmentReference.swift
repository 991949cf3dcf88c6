/// Resolves `${NAME}` in settings, so that secrets and addresses can come from the environment of a pod.
///
/// `$${` stands for the characters `${` themselves; every other `$` is a plain character.
enum EnvironmentReference {
    /// `nil` when a reference is not closed or its name is no identifier. Names that have no value are appended to
    /// `missing`, each once for each reference.
    static func resolved(
        _ text: String, from environment: [String: String], missing: inout [String]
    ) -> String? {
        guard text.utf8.contains(0x24) else { return text }
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                result += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                guard let end = rest.firstIndex(of: "}") else { return nil }
                let name = rest[rest.index(rest.startIndex, offsetBy: 2)..<end]
                guard isName(name) else { return nil }
                if let value = environment[String(name)] {
                    result += value
                } else {
                    missing.append(String(name))
                }
                rest = rest[rest.index(after: end)...]
            } else {
                result.append("$")
                rest = rest.dropFirst()
            }
        }
        return result + rest
    }

    private static func isName(_ name: Substring) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
        }
    }
}
