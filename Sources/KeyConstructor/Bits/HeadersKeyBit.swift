public import HTTPPipeline
import HTTPTypes

/// Header fields of the request: drf-extensions' `HeadersKeyBit`.
///
/// The value is an object with lower-case names. A field that the request does not have is omitted. The lines of a repeated
/// field are joined by `", "`, as `HTTPFields` returns them to a handler. A handler must not depend on separate lines,
/// because a proxy may join them (RFC 9110 section 5.3).
///
/// As in drf-extensions, a name can be written with underscores, which the key then contains. `x_tenant` selects the field
/// `X-Tenant`. If a request also has the separate field `X_Tenant`, the value is an array of both.
///
/// Unlike in drf-extensions, `"*"` selects every field except those of ``neverTakesPart``, and Content-Type and
/// Content-Length can be named like other fields. Only requests without authority have a Host field; ``HostKeyBit`` reads
/// either.
public struct HeadersKeyBit: KeyBit, Hashable {
    /// The fields that `"*"` excludes, in lower case. They concern one connection, one message or one validation, and do not
    /// select the response. A field that is named explicitly is always included.
    public static let neverTakesPart: Set<String> = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade", "date", "if-match", "if-modified-since", "if-none-match", "if-range",
        "if-unmodified-since", "range",
    ]

    private struct Field: Sendable, Hashable {
        var encodedName: [UInt8]
        var name: HTTPField.Name
        /// The name with the original underscores; nil without any.
        var nameWithUnderscores: HTTPField.Name?
    }

    private let takesAll: Bool
    private let fields: [Field]

    /// Creates the bit.
    ///
    /// - Parameter parameters: The names of fields, or `"*"` for all. The default is none, as in drf-extensions. A text that
    ///   is not a field name (RFC 9110 section 5.1) stops the program.
    public init(_ parameters: KeyParameters = .nothing) {
        takesAll = parameters == .all
        let names = parameters.names(
            of: Self.self, expected: "names of header fields such as \"accept-language\", \"*\" or nothing",
            where: { Self.fieldName($0) != nil })
        fields = NamedMembers(names.map { $0.lowercased() }).members.compactMap { member in
            Self.fieldName(member.name).map { name in
                let exactName = Self.exactName(member.name)
                return Field(
                    encodedName: member.encoded, name: name,
                    nameWithUnderscores: exactName == name ? nil : exactName)
            }
        }
    }

    /// The header fields.
    public var inputs: ExchangeInputs { .headerFields }

    /// The named fields except Host, in both spellings if a name has underscores.
    public var separates: RequestSeparation {
        let names = fields.flatMap { [$0.name, $0.nameWithUnderscores].compactMap(\.self) }
        return RequestSeparation(fields: Set(names.filter { $0 != RequestHost.hostName }), allFields: takesAll)
    }

    /// Writes the object of names and values.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        let headerFields = exchange.request.headerFields
        writer.beginObject()
        if takesAll {
            writeAll(headerFields, to: &writer)
        } else {
            for index in fields.indices {
                // Copying a whole field would retain its members.
                guard fields[index].nameWithUnderscores == nil else {
                    writeBothSpellings(of: fields[index], in: headerFields, to: &writer)
                    continue
                }
                guard let value = Self.value(of: fields[index].name, in: headerFields) else { continue }
                writer.name(encoded: fields[index].encodedName)
                writer.write(value)
            }
        }
        writer.endObject()
    }

    /// Returns the bit with other names.
    public func overriding(_ parameters: KeyParameters) -> HeadersKeyBit {
        HeadersKeyBit(parameters)
    }

    private func writeBothSpellings(of field: Field, in headerFields: HTTPFields, to writer: inout KeyWriter) {
        let value = Self.value(of: field.name, in: headerFields)
        let other = field.nameWithUnderscores.flatMap { Self.value(of: $0, in: headerFields) }
        guard value != nil || other != nil else { return }
        writer.name(encoded: field.encodedName)
        guard let other else { return writer.write(value ?? "") }
        writer.beginArray()
        if let value { writer.write(value) } else { writer.writeNull() }
        writer.write(other)
        writer.endArray()
    }

    private func writeAll(_ headerFields: HTTPFields, to writer: inout KeyWriter) {
        for group in FieldGroups.sorted(headerFields, where: { !Self.neverTakesPart.contains($0.canonicalName) }) {
            writer.name(group.name.canonicalName)
            writer.write(group.value)
        }
    }

    /// Returns the value of a field. A field with one line, the common case, is not joined and allocates nothing.
    private static func value(of name: HTTPField.Name, in fields: HTTPFields) -> String? {
        var found: String?
        for field in fields where field.name == name {
            guard found == nil else { return fields[name] }
            found = field.value
        }
        return found
    }

    /// Returns the field for a name, which can have surrounding spaces as in drf-extensions.
    private static func fieldName(_ name: String) -> HTTPField.Name? {
        exactName(name).flatMap { HTTPField.Name(String($0.canonicalName.map { $0 == "_" ? "-" : $0 })) }
    }

    private static func exactName(_ name: String) -> HTTPField.Name? {
        let start = name.drop { $0 == " " }
        return HTTPField.Name(
            String(start.prefix(upTo: start.lastIndex { $0 != " " }.map(start.index(after:)) ?? start.startIndex)))
    }
}
