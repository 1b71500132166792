/// Chooses the format of a response (RFC 9110 section 12.5.1).
///
/// ```swift
/// let formats = FormatNegotiation([
///     .init(name: "json", mediaType: "application/json"), .init(name: "csv", mediaType: "text/csv"),
/// ])
/// let format = try formats.format(accept: request.headers[.accept], query: parameters["format"])
/// ```
public struct FormatNegotiation: Sendable, Hashable {
    /// A format that is offered.
    public struct Format: Sendable, Hashable {
        /// The name that keys and `?format=` use, for example `csv`.
        public var name: String
        /// The media type, in lower case and without parameters, for example `text/csv`.
        public var mediaType: String

        /// Creates a format.
        public init(name: String, mediaType: String) {
            self.name = name
            self.mediaType = mediaType.lowercased()
        }
    }

    /// The client accepts none of the offered formats.
    public struct NotAcceptable: Error, Hashable, CustomStringConvertible {
        /// The formats that are offered.
        public let offered: [Format]

        /// A message that lists the offered formats.
        public var description: String {
            "None of the requested formats is offered. Offered are "
                + offered.map { "\($0.mediaType) (?format=\($0.name))" }.joined(separator: ", ")
        }
    }

    /// The offered formats, the preferred one first.
    public let offered: [Format]

    /// Creates a negotiation.
    ///
    /// - Parameter offered: The formats, the preferred one first. At least one.
    public init(_ offered: [Format]) {
        precondition(!offered.isEmpty, "FormatNegotiation needs at least one format to offer")
        self.offered = offered
    }

    /// Chooses the format of a response.
    ///
    /// A name in the query wins. Otherwise the format with the highest weight in Accept is chosen. The most specific matching range
    /// determines a format's weight; of equal weights the format that is offered first is chosen. Without Accept the first format is
    /// chosen.
    ///
    /// - Parameters:
    ///   - accept: The value of Accept, repeated lines joined by commas.
    ///   - query: The value of the query's format parameter; nil and empty when the query has none.
    /// - Returns: One of the offered formats.
    /// - Throws: ``NotAcceptable`` when the named format is not offered or every offered one has the weight 0.
    public func format(accept: String?, query: String? = nil) throws(NotAcceptable) -> Format {
        if let query, !query.isEmpty {
            guard let format = offered.first(where: { $0.name.hasBytes(of: query) }) else {
                throw NotAcceptable(offered: offered)
            }
            return format
        }
        guard let accept else { return offered[0] }
        let ranges = WeightedMember.list(in: accept).map { (value: $0.lowercasedValue, weight: $0.weight) }
        guard !ranges.isEmpty else { return offered[0] }
        var best: (format: Format, weight: Int)?
        for format in offered {
            let weight = Self.weight(of: format, in: ranges)
            if weight > (best?.weight ?? 0) { best = (format, weight) }
        }
        guard let best else { throw NotAcceptable(offered: offered) }
        return best.format
    }

    private static func weight(of format: Format, in ranges: [(value: String, weight: Int)]) -> Int {
        let anySubtype = format.mediaType.prefix { $0 != "/" } + "/*"
        var best = (specificity: 0, weight: 0)
        for range in ranges {
            let specificity =
                if range.value.hasBytes(of: format.mediaType) {
                    3
                } else if range.value.hasBytes(of: anySubtype) {
                    2
                } else {
                    range.value.hasBytes(of: "*/*") || range.value.hasBytes(of: "*") ? 1 : 0
                }
            if specificity > best.specificity { best = (specificity, range.weight) }
        }
        return best.weight
    }
}
