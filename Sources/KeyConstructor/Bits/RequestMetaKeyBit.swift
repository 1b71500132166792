public import HTTPPipeline
import HTTPTypes
import NIOCore

/// Entries of the request's WSGI environment: drf-extensions' `RequestMetaKeyBit`.
///
/// The names are those of WSGI, in its exact spelling: `REMOTE_ADDR`, `REQUEST_METHOD`, `SERVER_NAME`, `SERVER_PORT`,
/// `PATH_INFO`, `QUERY_STRING`, `CONTENT_TYPE`, `CONTENT_LENGTH`, and `HTTP_USER_AGENT` for a header field. What a proxy adds
/// (`GEOIP_CITY`) the application puts on the exchange under ``RequestMeta``, whose entries go before those of the request.
///
/// The value is an object of names and texts; an entry that is absent or null is left out, and other values become text
/// as Python writes them. Unlike in the original, whose `"*"` holds the addresses of objects and so never gives one key
/// twice, `"*"` holds the entries above and the header fields that ``HeadersKeyBit`` takes.
public struct RequestMetaKeyBit: KeyBit, Hashable {
    private let takesAll: Bool
    private let names: NamedMembers

    /// Creates the bit.
    ///
    /// - Parameter parameters: The names of entries, or `"*"` for all. The default is none, as in the original.
    public init(_ parameters: KeyParameters = .nothing) {
        takesAll = parameters == .all
        names = NamedMembers(parameters.nameList)
    }

    /// The header fields among the named entries.
    public var separates: RequestSeparation {
        RequestSeparation(fields: Set(names.members.compactMap { Self.fieldName($0.name) }), allFields: takesAll)
    }

    /// Writes the object of names and texts.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        let added = exchange[RequestMeta.self] ?? [:]
        let entries = takesAll ? NamedMembers(Self.allNames(in: exchange) + added.keys) : names
        writer.beginObject()
        for entry in entries.members {
            let text = added[entry.name].map { $0.pythonText } ?? Self.value(of: entry.name, in: exchange)
            guard let text else { continue }
            writer.name(encoded: entry.encoded)
            writer.write(text)
        }
        writer.endObject()
    }

    /// The bit with other names.
    public func overriding(_ parameters: KeyParameters) -> RequestMetaKeyBit {
        RequestMetaKeyBit(parameters)
    }

    private static let requestNames = [
        "CONTENT_LENGTH", "CONTENT_TYPE", "PATH_INFO", "QUERY_STRING", "REMOTE_ADDR", "REQUEST_METHOD", "SERVER_NAME",
        "SERVER_PORT",
    ]

    private static func allNames(in exchange: Exchange) -> [String] {
        let fields = exchange.request.headerFields.lazy.map(\.name.canonicalName).filter {
            !HeadersKeyBit.neverTakesPart.contains($0) && $0 != "content-type" && $0 != "content-length"
        }
        return requestNames + fields.map { "HTTP_" + $0.uppercased().map { $0 == "-" ? "_" : String($0) }.joined() }
    }

    private static func value(of name: String, in exchange: Exchange) -> String? {
        let request = exchange.request
        let target = request.path ?? ""
        let mark = target.firstIndex(of: "?")
        let authority = request.authority ?? ""
        // The colons of an IPv6 address stand before its bracket.
        let colon = authority.lastIndex(of: ":").flatMap { authority[$0...].contains("]") ? nil : $0 }
        switch name {
        case "REMOTE_ADDR": return exchange.remoteAddress?.ipAddress
        case "REQUEST_METHOD": return request.method.rawValue
        case "PATH_INFO": return mark.map { String(target[..<$0]) } ?? target
        case "QUERY_STRING": return mark.map { String(target[target.index(after: $0)...]) } ?? ""
        case "SERVER_NAME": return colon.map { String(authority[..<$0]) } ?? authority
        case "SERVER_PORT":
            return colon.map { String(authority[authority.index(after: $0)...]) }
                ?? (request.scheme == "https" ? "443" : "80")
        default: return fieldName(name).flatMap { request.headerFields[$0] }
        }
    }

    /// The header field that an entry holds.
    private static func fieldName(_ name: String) -> HTTPField.Name? {
        switch name {
        case "CONTENT_TYPE": return .contentType
        case "CONTENT_LENGTH": return .contentLength
        default:
            guard name.hasPrefix("HTTP_") else { return nil }
            return HTTPField.Name(String(name.dropFirst(5).map { $0 == "_" ? "-" : $0 }))
        }
    }
}

/// Entries of the request's environment that the application or a proxy adds, for ``RequestMetaKeyBit``.
public enum RequestMeta: AttributeKey {
    /// Values by their names.
    public typealias Value = [String: KeyValue]
}
