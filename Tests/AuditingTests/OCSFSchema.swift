import Foundation

/// JSON as OCSF's types see it: integers apart from other numbers, truth values apart from both.
indirect enum JSONValue: Decodable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case text(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        // The likeliest first: each refusal costs an error.
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([String: JSONValue].self) {
            self = .object(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if container.decodeNil() {
            self = .null
        } else {
            self = .double(try container.decode(Double.self))
        }
    }

    subscript(key: String) -> JSONValue? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    var members: [String: JSONValue] {
        if case .object(let members) = self { members } else { [:] }
    }

    var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// The value at a path such as `actor.user.name` or `resources[0].uid`.
    func value(at path: String) -> JSONValue? {
        var value = self
        for step in path.split(separator: ".") {
            let parts = step.split(separator: "[")
            guard let member = value[String(parts[0])] else { return nil }
            value = member
            if parts.count > 1 {
                guard case .array(let elements) = value, let index = Int(parts[1].dropLast()), index < elements.count
                else { return nil }
                value = elements[index]
            }
        }
        return value
    }

    var strings: [String] {
        if case .array(let values) = self { values.compactMap(\.text) } else { [] }
    }
}

/// A small validator of events against OCSF's metaschema: attributes known, required ones there, types and enumerations
/// right, "at least one" constraints kept; with inheritance and with the profiles that an event names.
final class OCSFSchema {
    private typealias Attributes = (attributes: [String: JSONValue], atLeastOne: [String])

    private let folder: String
    private let dictionary: JSONValue
    /// What was read and worked out before: a definition serves thousands of records.
    private var files: [String: JSONValue] = [:]
    private var resolved: [String: Attributes] = [:]
    private var observables: [String: JSONValue]?

    init(folder: String) throws {
        self.folder = folder
        dictionary = try OCSFSchema.read(folder + "/dictionary.json")
    }

    private static func read(_ path: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private func definition(_ path: String) throws -> JSONValue {
        if let known = files[path] { return known }
        let definition = try OCSFSchema.read("\(folder)/\(path)")
        files[path] = definition
        return definition
    }

    /// What is wrong with an event of the class in a file such as "events/application/api_activity.json".
    func problems(of event: JSONValue, class path: String) throws -> [String] {
        let profiles = Set(event["metadata"]?["profiles"]?.strings ?? [])
        // The schema's compiler numbers classes within their category, and activities within their class.
        var problems = try numberProblems(of: event, class: path)
        problems += try self.problems(of: event, definition: path, profiles: profiles, at: "")
        return problems
    }

    private func numberProblems(of event: JSONValue, class path: String) throws -> [String] {
        let categories = try definition("categories.json")["attributes"]
        var category: String?
        var ancestor: String? = path
        while let current = ancestor, category == nil {
            let definition = try self.definition(current)
            category = definition["category"]?.text
            ancestor = definition["extends"]?.text.map { file(of: $0, beside: current) }
        }
        guard let category, case .integer(let categoryID) = categories?[category]?["uid"],
            case .integer(let classID) = try definition(path)["uid"],
            case .integer(let activityID) = event["activity_id"]
        else { return ["the class or the activity has no number"] }
        let expected = [
            "category_uid": categoryID, "class_uid": categoryID * 1000 + classID,
            "type_uid": (categoryID * 1000 + classID) * 100 + activityID,
        ]
        return expected.filter { event[$0.key] != .integer($0.value) }.map { ".\($0.key): expected \($0.value)" }
    }

    private func problems(
        of value: JSONValue, definition path: String, profiles: Set<String>, at place: String
    ) throws -> [String] {
        guard case .object(let members) = value else { return ["\(place): expected an object"] }
        let (attributes, atLeastOne) = try attributes(of: path, profiles: profiles)
        var problems: [String] = []
        for (name, attribute) in attributes where attribute["requirement"]?.text == "required" {
            if members[name] == nil { problems.append("\(place).\(name): required") }
        }
        if !atLeastOne.isEmpty, !atLeastOne.contains(where: { members[$0] != nil }) {
            problems.append("\(place): at least one of \(atLeastOne)")
        }
        for (name, member) in members where !(place.isEmpty && ["category_uid", "class_uid"].contains(name)) {
            guard let attribute = attributes[name] else {
                problems.append("\(place).\(name): unknown")
                continue
            }
            problems += try self.problems(
                of: member, name: name, attribute: attribute, profiles: profiles, at: "\(place).\(name)")
        }
        return problems
    }

    private func problems(
        of value: JSONValue, name: String, attribute: JSONValue, profiles: Set<String>, at place: String
    ) throws -> [String] {
        let entry = dictionary["attributes"]?[name]
        let type = attribute["type"]?.text ?? entry?["type"]?.text ?? "?"
        if entry?["is_array"] == .bool(true) || attribute["is_array"] == .bool(true) {
            guard case .array(let elements) = value, !elements.isEmpty else {
                return ["\(place): expected an array that is not empty"]
            }
            return try elements.flatMap {
                try problems(of: $0, type: type, name: name, attribute: attribute, profiles: profiles, at: place)
            }
        }
        return try problems(of: value, type: type, name: name, attribute: attribute, profiles: profiles, at: place)
    }

    private func problems(
        of value: JSONValue, type: String, name: String, attribute: JSONValue, profiles: Set<String>, at place: String
    ) throws -> [String] {
        guard type.hasSuffix("_t") else {
            // An object that is no more than that may have any attribute.
            if type == "object", case .object = value { return [] }
            return try problems(of: value, definition: "objects/\(type).json", profiles: profiles, at: place)
        }
        let base = dictionary["types"]?["attributes"]?[type]?["type"]?.text ?? type
        switch (base, value) {
        case ("string_t", .text(let text)):
            if text.isEmpty { return ["\(place): empty"] }
            if type == "ip_t", !isAddress(text) { return ["\(place): no address"] }
        case ("integer_t", .integer(let number)), ("long_t", .integer(let number)):
            var allowed = dictionary["attributes"]?[name]?["enum"]?.members ?? [:]
            allowed.merge(attribute["enum"]?.members ?? [:]) { $1 }
            if place == ".observables.type_id" { allowed.merge(try observableTypes()) { $1 } }
            if !allowed.isEmpty, allowed["\(number)"] == nil {
                return ["\(place): \(number) is not in the enumeration"]
            }
        case ("boolean_t", .bool), ("json_t", _): break
        default: return ["\(place): not of type \(type)"]
        }
        return []
    }

    /// The kinds of observables, which the schema's compiler collects: types, attributes and objects that have a number, and
    /// attributes that have one in a certain object.
    private func observableTypes() throws -> [String: JSONValue] {
        if let observables { return observables }
        var found: [String: JSONValue] = [:]
        func add(_ definition: JSONValue, _ caption: String?) {
            guard case .integer(let number)? = definition["observable"], let caption else { return }
            found["\(number)"] = .object(["caption": .text(caption)])
        }
        for type in (dictionary["types"]?["attributes"]?.members ?? [:]).values { add(type, type["caption"]?.text) }
        for attribute in (dictionary["attributes"]?.members ?? [:]).values {
            add(attribute, attribute["caption"]?.text)
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: folder + "/objects") {
            let object = try definition("objects/\(name)")
            add(object, object["caption"]?.text)
            for (name, attribute) in object["attributes"]?.members ?? [:] {
                add(attribute, object["caption"]?.text.map { "\($0) Object: \(name)" })
            }
        }
        observables = found
        return found
    }

    /// What is wrong with an event's observables: each has its kind's caption, and the value that is at its place.
    func observableProblems(of event: JSONValue) throws -> [String] {
        guard case .array(let observables)? = event["observables"] else { return [] }
        var problems: [String] = []
        for observable in observables {
            guard case .integer(let kind)? = observable["type_id"], let name = observable["name"]?.text else {
                problems.append("an observable has no kind or no name")
                continue
            }
            if try observableTypes()["\(kind)"]?["caption"] != observable["type"] {
                problems.append("\(name): type_id \(kind) is not \(observable["type"]?.text ?? "?")")
            }
            if event.value(at: name) != observable["value"] { problems.append("\(name): not the value there") }
        }
        return problems
    }

    private func isAddress(_ text: String) -> Bool {
        var four = in_addr()
        var six = in6_addr()
        return inet_pton(AF_INET, text, &four) == 1 || inet_pton(AF_INET6, text, &six) == 1
    }

    /// The attributes of a class or an object with those that it inherits, and its "at least one" constraint.
    private func attributes(of path: String, profiles: Set<String>) throws -> Attributes {
        let key = "\(path) \(profiles.sorted())"
        if let known = resolved[key] { return known }
        let definition = try definition(path)
        var attributes: [String: JSONValue] = [:]
        var atLeastOne: [String] = []
        if let parent = definition["extends"]?.text {
            (attributes, atLeastOne) = try self.attributes(of: file(of: parent, beside: path), profiles: profiles)
        }
        if let constraint = definition["constraints"]?["at_least_one"] { atLeastOne = constraint.strings }
        var own = definition["attributes"]?.members ?? [:]
        for include in own.removeValue(forKey: "$include")?.strings ?? [] {
            let profile = try self.definition(include)
            guard let name = profile["name"]?.text, profiles.contains(name) else { continue }
            merge(profile["attributes"]?.members ?? [:], into: &attributes)
        }
        // An attribute that belongs to a profile is there only with the profile.
        merge(
            own.filter { _, attribute in attribute["profile"]?.text.map(profiles.contains) ?? true }, into: &attributes)
        resolved[key] = (attributes, atLeastOne)
        return (attributes, atLeastOne)
    }

    private func merge(_ additions: [String: JSONValue], into attributes: inout [String: JSONValue]) {
        for (name, attribute) in additions {
            let merged = (attributes[name]?.members ?? [:]).merging(attribute.members) { $1 }
            attributes[name] = .object(merged)
        }
    }

    private func file(of name: String, beside path: String) -> String {
        if path.hasPrefix("objects/") { return "objects/\(name).json" }
        if name == "base_event" { return "events/base_event.json" }
        return path.split(separator: "/").dropLast().joined(separator: "/") + "/\(name).json"
    }
}
