import Statistics
import TelemetryModel
import Testing

@Suite struct EventSchemaTests {
    private func path(_ text: String) throws -> FieldPath { try #require(FieldPath.parse(text)) }

    @Test(arguments: EventKind.allCases) func everyDocumentedPathIsKnownAndReadsAsItIsPrinted(_ kind: EventKind) {
        let schema = EventSchema.of(kind)
        #expect(schema.kind == kind && schema.documentedPaths.count > 10)
        #expect(Set(schema.documentedPaths).count == schema.documentedPaths.count)
        for path in schema.documentedPaths {
            #expect(FieldPath.parse(path.description) == path)
            #expect(schema.type(of: path) != nil, "\(path)")
            #expect(schema.suggestion(for: path) == nil, "\(path)")
        }
    }

    @Test(
        arguments: [
            (.cloudTrail, "errorCode", "string"),
            (.cloudTrail, "readOnly", "bool"),
            (.cloudTrail, "userIdentity", "object"),
            (.cloudTrail, "resources", "list of object"),
            (.cloudTrail, "resources[3].ARN", "string"),
            (.cloudTrail, "requestParameters", "any type"),
            (.cloudTrail, #"requestParameters.policy[2]["x-y"]"#, "any type"),
            (.cloudTrail, "userIdentity.sessionContext.webIdFederationData.attributes", "map"),
            (.cloudTrail, "insightDetails.insightContext.statistics.insightDuration", "int"),
            (.cloudTrail, "insightDetails.insightContext.statistics.baseline.average", "double"),
            (.vpcFlow, "srcaddr", "string"),
            (.vpcFlow, "bytes", "int"),
            (.metric, "dimensions", "map of string"),
            (.metric, #"dimensions["any key"]"#, "string"),
            (.metric, #"value.quantiles["p99.9"]"#, "double"),
            (.metric, "timestamp", "int"),
        ] as [(EventKind, String, String)])
    func fieldsHaveTheTypesOfTheirReference(kind: EventKind, text: String, type: String) throws {
        let found = EventSchema.of(kind).type(of: try path(text))
        #expect(found.map { "\($0)" } == type)
    }

    @Test(
        arguments: [
            (.cloudTrail, "errorcode", "errorCode"),
            (.cloudTrail, "userIdentity.Arn", "userIdentity.arn"),
            // Of two that are wrong the outer one is mended first.
            (.cloudTrail, "useridentity.principalID", "userIdentity.principalId"),
            // What stands elsewhere under the same name; the outermost is meant.
            (.cloudTrail, "arn", "userIdentity.arn"),
            (.cloudTrail, "event.errorMessage", "errorMessage"),
            // A list's elements have numbers.
            (.cloudTrail, "resources.ARN", "resources[0].ARN"),
            // The near name of an object whose member is nothing: as far as it goes.
            (.cloudTrail, "userIdentiti.nonsense", "userIdentity"),
            (.vpcFlow, "srcadr", "srcaddr"),
            (.vpcFlow, "pkt_srcadr", "pkt_srcaddr"),
            (.metric, "metricname", "metric_name"),
            (.metric, "value.summ", "value.sum"),
            (.metric, "quantiles", "value.quantiles"),
        ] as [(EventKind, String, String)])
    func nearNamesAreSuggested(kind: EventKind, text: String, expected: String) throws {
        let schema = EventSchema.of(kind)
        let path = try path(text)
        #expect(schema.type(of: path) == nil)
        #expect(schema.suggestion(for: path) == expected)
    }

    @Test(
        arguments: [
            (.cloudTrail, "zzzzzzzzzzzz"), (.cloudTrail, "eventName[0]"), (.cloudTrail, "[0]"),
            (.vpcFlow, "bytes.total_of_nothing"), (.metric, "value[1]"),
        ] as [(EventKind, String)])
    func nothingIsSuggestedWhereNothingIsNear(kind: EventKind, text: String) throws {
        let path = try path(text)
        #expect(EventSchema.of(kind).type(of: path) == nil)
        #expect(EventSchema.of(kind).suggestion(for: path) == nil)
    }

    /// One slip of a finger in the last key of any field: what is suggested is a field, and next to always the one meant.
    @Test(arguments: EventKind.allCases) func aSlipIsAnsweredWithAFieldThatThereIs(_ kind: EventKind) throws {
        var random = SeededGenerator(seed: 7)
        let schema = EventSchema.of(kind)
        var (slips, meant) = (0, 0)
        for path in schema.documentedPaths {
            guard case .key(let key)? = path.components.last, key.utf8.count > 4 else { continue }
            var letters = Array(key)
            let place = 1 + random.below(letters.count - 2)
            switch random.below(3) {
            case 0: letters.remove(at: place)
            case 1: letters.insert("q", at: place)
            default: letters[place] = "q"
            }
            let slip = FieldPath(path.components.dropLast() + [.key(String(letters))])
            guard schema.type(of: slip) == nil else { continue }
            slips += 1
            let suggestion = try #require(schema.suggestion(for: slip), "\(slip)")
            #expect(schema.type(of: try #require(FieldPath.parse(suggestion))) != nil, "\(suggestion)")
            if suggestion == path.description { meant += 1 }
        }
        #expect(slips > 8 && meant * 10 >= slips * 9, "\(meant) of \(slips)")
    }

    @Test func namesUnderAnObjectAreListedInTheOrderOfTheReference() throws {
        let schema = EventSchema.of(.cloudTrail)
        #expect(schema.names(under: try path("resources[0]")) == ["ARN", "ARNPrefix", "accountId", "type"])
        #expect(schema.names(under: FieldPath([])).first == "eventTime")
        #expect(EventSchema.of(.vpcFlow).names(under: FieldPath([])) == FlowLogField.allCases.map(\.rawValue))
        for text in ["requestParameters", "eventName", "resources", "nothing"] {
            #expect(schema.names(under: try path(text)) == [])
        }
    }

    @Test func flowLogsFieldsHaveTheTypesAndRangesOfTheReference() {
        let integers = FlowLogField.allCases.filter { $0.valueType == .integer }
        #expect(integers.count == 15 && FlowLogField.allCases.filter { $0.valueType == .address }.count == 4)
        let schema = EventSchema.of(.vpcFlow)
        for field in FlowLogField.allCases {
            #expect(schema.type(of: FieldPath(keys: field.rawValue)) == (integers.contains(field) ? .integer : .text))
        }
        #expect(FlowLogField.sourcePort.maximum == 65_535 && FlowLogField.ipProtocol.maximum == 255)
        #expect(FlowLogField.bytes.maximum == .max)
    }

    @Test func typesAreNamedAsAuthorsKnowThem() {
        let types: [FieldType] = [
            .null, .list(.any), .list(.map(.bool)), .map(.any), .address, .network,
        ]
        #expect(
            types.map(\.description) == ["null", "list", "list of map of bool", "map", "IP address", "IP network"])
    }
}
