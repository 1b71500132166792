public import HTTPPipeline
import HTTPTypes
import NIOCore

/// Entries of the request's WSGI environment: drf-extensions' `RequestMetaKeyBit`.
///
/// The names are those of WSGI in exact spelling: `REMOTE_ADDR`, `REQUEST_METHOD`, `SERVER_NAME`, `SERVER_PORT`,
/// `SCRIPT_NAME` (always empty), `PATH_INFO` and `QUERY_STRING` (not decoded), `CONTENT_TYPE`, `CONTENT_LENGTH`, and
/// `HTTP_USER_AGENT` for a header field. `SERVER_NAME`, `SERVER_PORT` and `HTTP_HOST` describe the host that ``HostKeyBit``
/// writes. The application sets entries of a proxy (`GEOIP_CITY`) on the exchange as ``RequestMeta``; they have precedence
/// over the entries of the request.
///
/// The value is an object of names and texts. An entry that is absent or null is omitted, and other values are converted to
/// text as in Python. In drf-extensions, `"*"` contains the addresses of objects and never gives the same key twice. Here it
/// contains the entries above and the header fields that ``HeadersKeyBit`` selects.
///
/// WSGI has one name for the two fields `X-Tenant` and `X_Tenant`. If a request has the second field, the entry is an array
/// of the names and values of both. If an entry of the application has the name of a header field, the entry is an array of
/// both, so the key contains every field that the bit separates.
public struct RequestMetaKeyBit: KeyBit, Hashable {
    private let takesAll: Bool
    private let names: NamedMembers

    /// Creates the bit.
    ///
    /// - Parameter parameters: The names of entries, or `"*"` for all. The default is none, as in drf-extensions. Positions
    ///   stop the program.
    public init(_ parameters: KeyParameters = .nothing) {
        takesAll = parameters == .all
        names = NamedMembers(
            parameters.names(of: Self.self, expected: "names of entries such as \"REMOTE_ADDR\", \"*\" or nothing"))
    }

    /// The inputs that the environment consists of, including the entries of the application under ``RequestMeta``.
    public var inputs: ExchangeInputs {
        [.method, .scheme, .authority, .target, .headerFields, .remoteAddress, .attributes]
    }

    /// The header fields among the named entries, except Host.
    public var separates: RequestSeparation {
        let fields = names.members.flatMap { Self.fieldNames(of: $0.name) }.filter { $0 != RequestHost.hostName }
        return RequestSeparation(fields: Set(fields), allFields: takesAll)
    }

    /// Writes the object of names and texts.
    ///
    /// - Complexity: O(n log n) in the number of header fields for `"*"`, and O(size of the head) for each name otherwise.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        let added = exchange[RequestMeta.self] ?? [:]
        let fields = takesAll ? Self.allFields(of: exchange.request.headerFields) : [:]
        let entries = takesAll ? NamedMembers(Self.requestNames + fields.keys + added.keys) : names
        writer.beginObject()
        for entry in entries.members {
            let lines =
                takesAll ? fields[entry.name] ?? [] : Self.lines(of: entry.utf8, in: exchange.request.headerFields)
            if let value = added[entry.name] {
                guard !lines.isEmpty || value.pythonText != nil else { continue }
                writer.name(encoded: entry.encoded)
                if !lines.isEmpty { writer.beginArray() }
                if let text = value.pythonText { writer.write(text) } else { writer.writeNull() }
                if !lines.isEmpty {
                    Self.write(lines, to: &writer)
                    writer.endArray()
                }
            } else if let text = Self.text(of: entry.name, in: exchange) {
                writer.name(encoded: entry.encoded)
                writer.write(text)
            } else if !lines.isEmpty {
                writer.name(encoded: entry.encoded)
                Self.write(lines, to: &writer)
            }
        }
        writer.endObject()
    }

    /// Returns the bit with other names.
    public func overriding(_ parameters: KeyParameters) -> RequestMetaKeyBit {
        RequestMetaKeyBit(parameters)
    }

    private static let requestNames = [
        "PATH_INFO", "QUERY_STRING", "REMOTE_ADDR", "REQUEST_METHOD", "SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT",
    ]

    /// Returns an entry that is not a header field.
    private static func text(of name: String, in exchange: Exchange) -> String? {
        let request = exchange.request
        switch name {
        case "REMOTE_ADDR": return exchange.remoteAddress?.ipAddress
        case "REQUEST_METHOD": return request.method.rawValue
        case "SCRIPT_NAME": return ""
        case "PATH_INFO": return String((request.path ?? "").targetPath)
        case "QUERY_STRING": return String((request.path ?? "").targetQuery ?? "")
        case "SERVER_NAME", "SERVER_PORT":
            let host = RequestHost.text(of: request) ?? ""
            // The colons of an IPv6 address precede its closing bracket.
            let colon = host.utf8.lastIndex(of: UInt8(ascii: ":")).flatMap { colon in
                host.utf8[colon...].contains(UInt8(ascii: "]")) ? nil : colon
            }
            if name == "SERVER_NAME" { return colon.map { String(host[..<$0]) } ?? host }
            if let colon { return String(host[host.utf8.index(after: colon)...]) }
            return request.scheme?.hasBytes(of: "https") == true ? "443" : "80"
        case "HTTP_HOST":
            return RequestHost.text(of: request)
        default:
            return nil
        }
    }
}

// MARK: - Header fields

extension RequestMetaKeyBit {
    private typealias Line = (name: String, value: String)

    /// Writes the lines of an entry: their joined text, or an array of names and values if a name has underscores.
    private static func write(_ lines: [Line], to writer: inout KeyWriter) {
        guard lines.contains(where: { $0.name.utf8.contains(UInt8(ascii: "_")) }) else {
            let separator = lines[0].name == "cookie" ? "; " : ", "
            return writer.write(lines.map(\.value).joined(separator: separator))
        }
        writer.beginArray()
        for line in lines {
            writer.beginArray()
            writer.write(line.name)
            writer.write(line.value)
            writer.endArray()
        }
        writer.endArray()
    }

    /// Returns the lines of the fields that `"*"` selects, by entry name.
    private static func allFields(of fields: HTTPFields) -> [String: [Line]] {
        var entries: [String: [Line]] = [:]
        for field in fields where !HeadersKeyBit.neverTakesPart.contains(field.name.canonicalName) {
            let name = field.name.canonicalName
            entries[entryName(of: name), default: []].append((name, field.value))
        }
        return entries
    }

    private static func entryName(of field: String) -> String {
        switch field {
        case "content-type": "CONTENT_TYPE"
        case "content-length": "CONTENT_LENGTH"
        default: "HTTP_" + field.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
        }
    }

    /// Returns the lines of the fields that an entry contains.
    private static func lines(of entry: [UInt8], in fields: HTTPFields) -> [Line] {
        guard let wanted = fieldBytes(of: entry) else { return [] }
        var lines: [Line] = []
        for field in fields {
            let name = field.name.canonicalName
            guard name.utf8.count == wanted.count else { continue }
            let isWanted = zip(name.utf8, wanted).allSatisfy {
                $0 == $1 || $0 == UInt8(ascii: "_") && $1 == UInt8(ascii: "-")
            }
            if isWanted { lines.append((name, field.value)) }
        }
        return lines
    }

    /// Returns the name of the field that an entry contains, in lower case and with hyphens.
    private static func fieldBytes(of entry: [UInt8]) -> ArraySlice<UInt8>? {
        if entry.elementsEqual("CONTENT_TYPE".utf8) || entry.elementsEqual("CONTENT_LENGTH".utf8) {
            return lowercased(entry[...])
        }
        return entry.starts(with: "HTTP_".utf8) ? lowercased(entry.dropFirst(5)) : nil
    }

    private static func lowercased(_ name: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        ArraySlice(
            name.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 })
    }

    /// Returns the fields that an entry always contains: the spelling with hyphens and the spelling with underscores.
    private static func fieldNames(of entry: String) -> [HTTPField.Name] {
        guard let bytes = fieldBytes(of: Array(entry.utf8)) else { return [] }
        let name = String(decoding: bytes, as: UTF8.self)
        return [name, String(name.map { $0 == "-" ? "_" : $0 })].compactMap { HTTPField.Name($0) }
    }
}

/// The environment entries of the application or a proxy, for ``RequestMetaKeyBit``.
public enum RequestMeta: AttributeKey {
    /// The values by entry name.
    public typealias Value = [String: KeyValue]
}
