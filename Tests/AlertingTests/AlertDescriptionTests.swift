import Alerting
import TelemetryModel
import Testing

/// What an alert has of its resource.
@Suite struct AlertDescriptionTests {
    private let resource = ResourceDescription(
        displayName: "Checkout", description: "Orders that are paid.",
        labels: [
            "team": "shop", "service": "another", "objective": "x", "monitor": "x", "alert": "x", "account": "1",
        ],
        annotations: [
            "runbook_url": "https://wiki/checkout", "dashboard_url": "HTTPS://board/checkout", "tier": "1",
            "description": "another",
        ])

    @Test func labelsAnnotationsAndLinksAreAddedAndTheKeyStays() throws {
        var transition = burnRate()
        let before = transition.alert
        transition.alert.describe(resource)
        let alert = transition.alert
        #expect(alert.dedupKey == before.dedupKey && alert.summary == before.summary)
        #expect(
            alert.labels == before.labels.merging(["team": "shop", "account": "1"]) { own, _ in own }
                && alert.labels["service"] == "shop")
        #expect(
            alert.annotations == ["display_name": "Checkout", "description": "Orders that are paid.", "tier": "1"])
        #expect(
            alert.links == [
                Alert.Link(href: "https://wiki/checkout", text: "Runbook"),
                Alert.Link(href: "HTTPS://board/checkout", text: "Dashboard"),
            ])
        #expect(try AlertTransition(json: transition.json) == transition)
        // Once more, as where an alert ends whose SLO is still there.
        transition.alert.describe(resource)
        #expect(transition.alert == alert)
    }

    /// An alert of a monitor stays one of a monitor, whatever its resource says.
    @Test func noLabelOfAResourceMakesItAnother() {
        var transition = transition()
        transition.alert.labels = ["monitor": "ports", "interface_id": "eni-1"]
        transition.alert.describe(resource)
        #expect(
            transition.alert.labels == [
                "monitor": "ports", "interface_id": "eni-1", "team": "shop", "service": "another", "account": "1",
            ])
    }

    @Test func whatIsNoAddressOfTheWebStaysAnAnnotation() {
        var transition = transition()
        transition.alert.describe(ResourceDescription(annotations: ["runbook_url": "wiki, page 3"]))
        #expect(transition.alert.links == [] && transition.alert.annotations == ["runbook_url": "wiki, page 3"])
    }
}
