/// Chooses the language of an answer from what is offered, by the lookup scheme of RFC 4647 section 3.4.
///
/// ```swift
/// let languages = LanguageNegotiation(["en", "de"])
/// languages.language(accept: "de-AT, en;q=0.5")    // "de"
/// ```
public struct LanguageNegotiation: Sendable, Hashable {
    /// What is offered, the default first.
    public let offered: [String]

    private let lowercased: [String]

    /// Creates a negotiation.
    ///
    /// - Parameter offered: Language tags, the default first. At least one.
    public init(_ offered: [String]) {
        precondition(!offered.isEmpty, "LanguageNegotiation needs at least one language to offer")
        self.offered = offered
        self.lowercased = offered.map { $0.lowercased() }
    }

    /// Chooses the language of an answer.
    ///
    /// The client's ranges are tried from the highest weight to the lowest, equal ones in their order. A range is
    /// shortened from its end until it is an offered tag; `*` and ranges with the weight 0 choose nothing. When no
    /// range finds a tag the default is chosen: an answer in another language is better than none.
    ///
    /// - Parameter accept: The value of Accept-Language, repeated lines joined by commas.
    /// - Returns: One of the offered language tags, as it is spelled there.
    public func language(accept: String?) -> String {
        guard let accept else { return offered[0] }
        // The sort is stable: ranges of equal weight keep the client's order.
        for range in WeightedValue.list(in: accept).sorted(by: { $0.weight > $1.weight }) where range.weight > 0 {
            if let language = lookUp(range.value) { return language }
        }
        return offered[0]
    }

    /// The longest range that is looked up, in bytes. Language tags are at most half as long (RFC 5646 section 4.4.1).
    private static let longestRange = 70

    private func lookUp(_ range: String) -> String? {
        guard range.utf8.count <= Self.longestRange else { return nil }
        var tag = range[...]
        while !tag.isEmpty {
            if let index = lowercased.firstIndex(where: { $0 == tag }) { return offered[index] }
            guard let hyphen = tag.lastIndex(of: "-") else { return nil }
            tag = tag[..<hyphen]
            // RFC 4647: a singleton (`x`, or an extension's letter) left at the end goes together with what it introduced.
            if tag.count > 1, tag.dropLast().last == "-" { tag = tag.dropLast(2) }
        }
        return nil
    }
}
