import HTTPSemantics
import HTTPTypes
import RawStructuredFieldValues
import Testing

/// Cache-Status, which is formatted by hand, parsed by a parser of structured fields.
@Suite struct CacheStatusTests {
    static let statuses: [CacheStatus] = [
        .hit, .stored(.uriMiss), CacheStatus(forward: .bypass, detail: "no-store"),
        CacheStatus(forward: .stale, forwardStatus: 503, timeToLive: -30), CacheStatus(timeToLive: 60),
        CacheStatus(forward: .method, detail: "two words \"quoted\" \\ ä"),
    ]

    @Test(arguments: statuses, ["ResponseCache", "cache.example:80/a", "my cache", "1", "", "\"\\ü\u{7F}"])
    func `The field is a structured field`(status: CacheStatus, cache: String) throws {
        var status = status
        status.isCollapsed = status.forward == .uriMiss
        let field = status.field(cache: cache, key: "k\"e\\y", isExplained: true)
        var parser = StructuredFieldValueParser(Array(field.value.utf8))
        let list = try parser.parseListFieldValue()
        let member = try #require(list.first)
        guard list.count == 1, case .item(let item) = member else {
            Issue.record("one item is expected")
            return
        }
        #expect(item.rfc9651BareItem.text == ascii(cache))
        let parameters = Dictionary(uniqueKeysWithValues: item.rfc9651Parameters.map { ($0.0, $0.1) })
        #expect(parameters["hit"]?.isTrue == (status.forward == nil ? true : nil))
        #expect(parameters["fwd"]?.text == status.forward?.rawValue)
        #expect(parameters["fwd-status"]?.number == status.forwardStatus)
        #expect(parameters["ttl"]?.number == status.timeToLive)
        #expect(parameters["stored"]?.isTrue == (status.isStored ? true : nil))
        #expect(parameters["collapsed"]?.isTrue == (status.isCollapsed ? true : nil))
        #expect(parameters["key"]?.text == "k\"e\\y")
        #expect(parameters["detail"]?.text == status.detail.map(ascii))
    }

    @Test func `Only explanations contain the key, detail and lifetime`() {
        let status = CacheStatus(forward: .bypass, timeToLive: 5, detail: "body")
        #expect(status.field(cache: "c", key: "k").value == "c; fwd=bypass")
        #expect(CacheStatus(timeToLive: -1).field(cache: "c").value == "c; hit; ttl=-1")
    }

    private func ascii(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { (0x20...0x7E).contains($0.value) ? $0 : "?" }))
    }
}

extension RFC9651BareItem {
    fileprivate var text: String? {
        switch self {
        case .string(let text), .token(let text): text
        default: nil
        }
    }

    fileprivate var number: Int? {
        if case .integer(let number) = self { Int(number) } else { nil }
    }

    fileprivate var isTrue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }
}
