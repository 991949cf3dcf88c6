import TelemetryModel

extension Alert {
    /// Labels that say what kind of resource an alert is of, and which: no resource may set them.
    static let ownLabels: Set<String> = ["objective", "alert", "monitor"]

    /// The annotations that are links, with what these are called.
    static let linkTexts = ["runbook_url": "Runbook", "dashboard_url": "Dashboard"]

    /// Adds what the alert's resource says of itself: its labels where the alert has none of that name, `display_name`, `description` and its
    /// annotations, and of `runbook_url` and `dashboard_url` links where they lead to the web.
    ///
    /// The dedup key stays as it is, so that a word that is changed opens no second incident.
    ///
    /// - Parameter names: more labels that a resource gives no alert.
    public mutating func describe(_ resource: ResourceDescription, apartFrom names: Set<String> = []) {
        let reserved = Alert.ownLabels.union(names)
        labels = resource.labels.filter { !reserved.contains($0.key) }.merging(labels) { _, own in own }
        var texts = resource.annotations
        for (name, text) in Alert.linkTexts.sorted(by: { $0.key > $1.key }) {
            guard let href = texts[name], Alert.isWebAddress(href) else { continue }
            let link = Link(href: href, text: text)
            if !links.contains(link) { links.append(link) }
            texts[name] = nil
        }
        texts["display_name"] = resource.displayName ?? texts["display_name"]
        texts["description"] = resource.description ?? texts["description"]
        annotations.merge(texts) { own, _ in own }
    }

    private static func isWebAddress(_ text: String) -> Bool {
        ["https://", "http://"].contains { text.lowercased().hasPrefix($0) }
    }
}
