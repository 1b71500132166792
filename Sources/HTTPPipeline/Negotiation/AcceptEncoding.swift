public import HTTPTypes

/// Which content codings a client takes (RFC 9110 section 12.5.3).
///
/// The field is read when it is asked: O(length of the field), without allocation.
public struct AcceptEncoding: Sendable, Hashable {
    /// A coding that this package can answer in.
    public enum Coding: String, Sendable, Hashable {
        /// gzip, which is also called x-gzip.
        case gzip
        /// No coding.
        case identity
    }

    private let field: String?

    /// Reads the codings of a request.
    public init(_ fields: HTTPFields) {
        self.init(fields.value(of: .acceptEncoding))
    }

    /// Reads the value of an Accept-Encoding field; nil when there is none.
    public init(_ field: String?) {
        var field = field
        field?.makeContiguousUTF8()
        self.field = field
    }

    /// The coding to answer in, or nil when the client takes neither gzip nor an answer without coding.
    ///
    /// gzip is chosen when it is accepted and identity is not preferred by a higher weight of its own. A client that says
    /// nothing takes anything, and gets no coding.
    public var preferred: Coding? {
        guard let weights else { return .identity }
        let gzip = Self.weight(of: .gzip, in: weights)
        if gzip > 0, gzip >= weights.identity ?? 0 { return .gzip }
        return Self.weight(of: .identity, in: weights) > 0 ? .identity : nil
    }

    /// Whether the client takes an answer in a coding. One without coding is only refused by `identity;q=0`, or by `*;q=0`
    /// without a word on identity.
    public func accepts(_ coding: Coding) -> Bool {
        weights.map { Self.weight(of: coding, in: $0) > 0 } ?? true
    }

    private var weights: AcceptEncodingParser.Weights? {
        field?.utf8.withContiguousStorageIfAvailable { AcceptEncodingParser($0).weights() }
    }

    private static func weight(of coding: Coding, in weights: AcceptEncodingParser.Weights) -> Int {
        switch coding {
        case .gzip: weights.gzip ?? weights.any ?? 0
        case .identity: weights.identity ?? weights.any ?? 1000
        }
    }
}
