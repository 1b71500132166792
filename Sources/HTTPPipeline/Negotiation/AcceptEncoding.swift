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
        self.init(fields[.acceptEncoding])
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
        guard let field else { return .identity }
        let weights = field.utf8.withContiguousStorageIfAvailable { AcceptEncodingParser($0).weights() }
        guard let weights else { return .identity }
        let gzip = weights.gzip ?? weights.any ?? 0
        if gzip > 0, gzip >= weights.identity ?? 0 { return .gzip }
        return weights.identity ?? weights.any ?? 1000 > 0 ? .identity : nil
    }

    /// Whether an answer without coding is refused: `identity;q=0`, or `*;q=0` without a word on identity.
    public var refusesIdentity: Bool {
        guard let field else { return false }
        let weights = field.utf8.withContiguousStorageIfAvailable { AcceptEncodingParser($0).weights() }
        guard let weights else { return false }
        return weights.identity ?? weights.any ?? 1000 == 0
    }
}
