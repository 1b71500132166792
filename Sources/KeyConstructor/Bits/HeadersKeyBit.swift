public import HTTPPipeline
import HTTPTypes

/// Header fields of the request: drf-extensions' `HeadersKeyBit`.
///
/// The value is an object of lower-case names; a field that the request does not have is left out, and the lines of a
/// repeated field are joined by `", "`. As in the original a name may be written with underscores; it then stands in
/// the key as it was written.
///
/// Unlike the original, `"*"` really takes every field, except those of ``neverTakesPart``, and Content-Type and
/// Content-Length can be named like any other field.
public struct HeadersKeyBit: KeyBit, Hashable {
    /// The fields that `"*"` leaves out, in lower case: they concern one connection, one message or one validation and
    /// say nothing about which answer is wanted. A field that is named explicitly always takes part.
    public static let neverTakesPart: Set<String> = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade", "date", "if-match", "if-modified-since", "if-none-match", "if-range",
        "if-unmodified-since", "range",
    ]

    private struct Field: Sendable, Hashable {
        var encodedName: [UInt8]
        var name: HTTPField.Name
    }

    private let takesAll: Bool
    private let fields: [Field]

    /// Creates the bit.
    ///
    /// - Parameter parameters: The names of fields, or `"*"` for all. The default is none, as in the original.
    public init(_ parameters: KeyParameters = .nothing) {
        takesAll = parameters == .all
        fields = NamedMembers(parameters.nameList.map { $0.lowercased() }).members.compactMap { member in
            HTTPField.Name(Self.fieldName(member.name)).map { Field(encodedName: member.encoded, name: $0) }
        }
    }

    /// The named fields.
    public var separates: RequestSeparation {
        RequestSeparation(fields: Set(fields.map(\.name)), allFields: takesAll)
    }

    /// Writes the object of names and values.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        let headerFields = exchange.request.headerFields
        writer.beginObject()
        if takesAll {
            writeAll(headerFields, to: &writer)
        } else {
            for field in fields {
                guard let value = Self.value(of: field.name, in: headerFields) else { continue }
                writer.name(encoded: field.encodedName)
                writer.write(value)
            }
        }
        writer.endObject()
    }

    /// The bit with other names.
    public func overriding(_ parameters: KeyParameters) -> HeadersKeyBit {
        HeadersKeyBit(parameters)
    }

    private func writeAll(_ headerFields: HTTPFields, to writer: inout KeyWriter) {
        var names = Set<HTTPField.Name>()
        for field in headerFields where !Self.neverTakesPart.contains(field.name.canonicalName) {
            names.insert(field.name)
        }
        for name in names.sorted(by: { $0.canonicalName < $1.canonicalName }) {
            guard let value = headerFields[name] else { continue }
            writer.name(name.canonicalName)
            writer.write(value)
        }
    }

    /// The value of a field. Joining its lines costs an allocation, and almost every field has one.
    private static func value(of name: HTTPField.Name, in fields: HTTPFields) -> String? {
        var found: String?
        for field in fields where field.name == name {
            guard found == nil else { return fields[name] }
            found = field.value
        }
        return found
    }

    private static func fieldName(_ name: String) -> String {
        String(name.filter { $0 != " " }.map { $0 == "_" ? "-" : $0 })
    }
}
