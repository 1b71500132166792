public import HTTPPipeline
import HTTPTypes

/// The host the request was sent to, in lower case and with its port.
///
/// It is the request's authority, and the Host field of a request without one (RFC 9113 section 8.3.1). Case does not count in a host
/// (RFC 9110 section 4.2.3); a handler that puts the host into its response in the client's spelling needs a bit of its own.
///
/// drf-extensions has no such bit; two sites served by one process need it.
public struct HostKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// The authority, or the Host fields of a request without authority.
    public var inputs: ExchangeInputs { .authority }

    /// The Host field.
    public var separates: RequestSeparation { RequestSeparation(fields: [RequestHost.hostName]) }

    /// Writes the host, null when the request names none. Of several Host fields, which are invalid (RFC 9112 section 3.2), it writes
    /// an array.
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
