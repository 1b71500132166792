public import HTTPPipeline
import HTTPTypes

/// The host of the request, in lower case and with its port.
///
/// It is the authority of the request, or the Host field of a request without authority (RFC 9113 section 8.3.1). Hosts are
/// case-insensitive (RFC 9110 section 4.2.3). A handler that writes the host into its response in the client's spelling
/// needs a custom bit.
///
/// The bit has no counterpart in drf-extensions. A process that serves two sites needs it.
public struct HostKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// The authority, or the Host fields of a request without authority.
    public var inputs: ExchangeInputs { .authority }

    /// Requests with different Host fields have different keys.
    public var separates: RequestSeparation { RequestSeparation(fields: [RequestHost.hostName]) }

    /// Writes the host, or null if the request has none. For several Host fields, which are invalid (RFC 9112 section 3.2),
    /// it writes an array.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        let request = exchange.request
        if let authority = request.authority { return writer.write(RequestHost.lowercased(authority)) }
        let fields = RequestHost.fields(of: request)
        switch fields.count {
        case 0:
            writer.writeNull()
        case 1:
            writer.write(RequestHost.lowercased(fields[0]))
        default:
            writer.beginArray()
            for field in fields { writer.write(RequestHost.lowercased(field)) }
            writer.endArray()
        }
    }
}
