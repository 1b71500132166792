import HTTPPipeline
import KeyConstructor
import Testing

/// A bit of the package with representative parameters.
struct BuiltInBit: Sendable, CustomTestStringConvertible {
    let type: String
    let bit: KeyConstructor.Bit
    /// Whether the bit reads every input that it declares. Some parameters and closures read less.
    let readsEveryInput: Bool

    init(_ type: String, _ bit: KeyConstructor.Bit, readsEveryInput: Bool = true) {
        self.type = type
        self.bit = bit
        self.readsEveryInput = readsEveryInput
    }

    var testDescription: String { type }

    enum Tenant: AttributeKey { typealias Value = String }

    /// All types of bits. A test compares the list with the sources.
    static let all: [BuiltInBit] = [
        BuiltInBit("UniqueViewIDKeyBit", .uniqueViewID), BuiltInBit("UniqueMethodIDKeyBit", .uniqueMethodID),
        BuiltInBit("FormatKeyBit", .format), BuiltInBit("LanguageKeyBit", .language), BuiltInBit("UserKeyBit", .user),
        BuiltInBit("SchemeKeyBit", .scheme), BuiltInBit("HostKeyBit", .host),
        BuiltInBit("ContentCodingKeyBit", .contentCoding),
        BuiltInBit("HeadersKeyBit", .headers("*")), BuiltInBit("HeadersKeyBit", .headers(["x_tenant", "host"])),
        BuiltInBit("QueryParametersKeyBit", .queryParameters),
        BuiltInBit("QueryParametersKeyBit", .queryParameters(["page"])),
        BuiltInBit("QueryParametersKeyBit", .queryParameters(ignoring: ["utm_*"])),
        BuiltInBit("QueryParametersKeyBit", .custom(QueryParametersKeyBit(decoding: .form))),
        BuiltInBit("PathParametersKeyBit", .pathParameters),
        BuiltInBit("PathParametersKeyBit", .pathParameters(["id"])),
        BuiltInBit("ArgumentsKeyBit", .arguments), BuiltInBit("ArgumentsKeyBit", .arguments([0])),
        BuiltInBit("PaginationKeyBit", .pagination),
        BuiltInBit("PaginationKeyBit", .custom(PaginationKeyBit(decoding: .form))),
        BuiltInBit("RequestMetaKeyBit", .requestMeta("*")),
        BuiltInBit("RequestMetaKeyBit", .requestMeta(["REMOTE_ADDR", "HTTP_HOST"]), readsEveryInput: false),
        BuiltInBit("CookiesKeyBit", .cookies("*")), BuiltInBit("CookiesKeyBit", .cookies(["session"])),
        BuiltInBit("PathKeyBit", .path), BuiltInBit("TargetKeyBit", .target),
        BuiltInBit("BodyDigestKeyBit", .bodyDigest(upTo: 1024)), BuiltInBit("AttributeKeyBit", .attribute(Tenant.self)),
        BuiltInBit("ConstantKeyBit", .constant("build 7")),
        BuiltInBit("QueryDescriptionKeyBit", .listSQLQuery), BuiltInBit("QueryDescriptionKeyBit", .retrieveSQLQuery),
        BuiltInBit("ModelValuesKeyBit", .listModelValues), BuiltInBit("ModelValuesKeyBit", .retrieveModelValues),
        BuiltInBit("ClosureKeyBit", .computed { $0.userID ?? "" }, readsEveryInput: false),
        BuiltInBit("AsyncClosureKeyBit", .awaited { $0.userID ?? "" }, readsEveryInput: false),
    ]
}
