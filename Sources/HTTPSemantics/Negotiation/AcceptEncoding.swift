public import HTTPTypes

/// The content codings that a client accepts (RFC 9110 section 12.5.3).
///
/// The field is parsed on each access, which takes O(length of the field) and allocates nothing.
public struct AcceptEncoding: Sendable, Hashable {
    /// A content coding that this package produces.
    public struct Coding: Sendable, Hashable {
        private enum Kind: String {
            case gzip
            case identity
        }

        private let kind: Kind

        /// The name of the coding in header fields.
        public var name: String { kind.rawValue }

        /// gzip, also known as x-gzip.
        public static let gzip = Coding(kind: .gzip)
        /// No coding.
        public static let identity = Coding(kind: .identity)
    }

    private let field: String?

    /// Reads the Accept-Encoding fields of a request.
    public init(_ fields: HTTPFields) {
        self.init(fields.value(of: .acceptEncoding))
    }

    /// Reads the value of an Accept-Encoding field; nil means that there is no such field.
    public init(_ field: String?) {
        var field = field
        field?.makeContiguousUTF8()
        self.field = field
    }

    /// The content coding for the response, or nil when the client accepts neither gzip nor identity.
    ///
    /// gzip is chosen when it is accepted and the field does not give identity a higher weight. Without the field any coding is
    /// accepted, and identity is chosen.
    public var preferred: Coding? {
        guard let weights else { return .identity }
        let gzip = weights[.gzip]
        if gzip > 0, gzip >= weights.identity ?? 0 { return .gzip }
        return weights[.identity] > 0 ? .identity : nil
    }

    /// Whether the client accepts a content coding. Identity is refused only by `identity;q=0`, or by `*;q=0` when the field does not
    /// list identity.
    public func accepts(_ coding: Coding) -> Bool {
        weights.map { $0[coding] > 0 } ?? true
    }

    private var weights: Weights? {
        field?.utf8.withContiguousStorageIfAvailable { Weights($0[...]) }
    }

    /// Weights in thousandths; nil for codings that the field does not list.
    private struct Weights {
        var gzip: Int?
        var identity: Int?
        var any: Int?

        /// Of a coding that is listed twice the first weight counts. Malformed members are skipped.
        init(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) {
            for member in ListMembers(bytes) {
                guard let member = WeightedMember(member), !member.hasOtherParameters else { continue }
                if member.value.equalsIgnoringCase("gzip") || member.value.equalsIgnoringCase("x-gzip") {
                    gzip = gzip ?? member.weight
                } else if member.value.equalsIgnoringCase("identity") {
                    identity = identity ?? member.weight
                } else if member.value.equalsIgnoringCase("*") {
                    any = any ?? member.weight
                }
            }
        }

        subscript(coding: Coding) -> Int {
            coding == .gzip ? gzip ?? any ?? 0 : identity ?? any ?? 1000
        }
    }
}
