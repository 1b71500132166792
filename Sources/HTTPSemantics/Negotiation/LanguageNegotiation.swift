/// Chooses the language of a response by the lookup scheme of RFC 4647 section 3.4.
///
/// ```swift
/// let languages = LanguageNegotiation(["en", "de"])
/// languages.language(accept: "de-AT, en;q=0.5")    // "de"
/// ```
public struct LanguageNegotiation: Sendable, Hashable {
    /// The offered language tags, the default first.
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

    /// Chooses the language of a response.
    ///
    /// The client's ranges are tried from the highest weight to the lowest, ranges of equal weight in the client's order. A range is
    /// shortened from its end until it equals an offered tag. `*` and ranges with a weight of 0 are skipped. When no range matches,
    /// the default is chosen: a response in another language is better than none.
    ///
    /// - Parameter accept: The value of Accept-Language, repeated lines joined by commas.
    /// - Returns: One of the offered language tags, spelled as it was offered.
    public func language(accept: String?) -> String {
        guard let accept else { return offered[0] }
        // The sort is stable: ranges of equal weight keep the client's order.
        for range in WeightedMember.list(in: accept).sorted(by: { $0.weight > $1.weight }) where range.weight > 0 {
            if range.value.count <= Self.longestRange, let language = lookUp(range.lowercasedValue) { return language }
        }
        return offered[0]
    }

    /// The maximum length of a range in bytes. Language tags are at most half as long (RFC 5646 section 4.4.1).
    private static let longestRange = 70

    private func lookUp(_ range: String) -> String? {
        var tag = range[...]
        while !tag.isEmpty {
            if let index = lowercased.firstIndex(where: { $0 == tag }) { return offered[index] }
            guard let hyphen = tag.lastIndex(of: "-") else { return nil }
            tag = tag[..<hyphen]
            // A singleton (`x`, or the letter of an extension) is removed together with the subtag that it introduced.
            if tag.count > 1, tag.dropLast().last == "-" { tag = tag.dropLast(2) }
        }
        return nil
    }
}
