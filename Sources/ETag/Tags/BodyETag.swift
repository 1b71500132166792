public import HTTPPipeline
import HTTPTypes
import KeyConstructor
public import NIOCore

/// An entity tag that is the digest of a response body.
///
/// It needs no key and always follows the content, but the handler has to run before the tag is known. The digest is
/// MD5, which distinguishes versions of one resource unless a collision is created on purpose.
public struct BodyETag: Sendable, Hashable {
    /// The maximum size of a body that gets a tag, in bytes.
    public let limit: Int

    /// Creates a body tag with a size limit.
    ///
    /// - Parameter limit: The maximum size of a body that gets a tag, in bytes. Larger bodies are sent without a tag.
    public init(upTo limit: Int = 1 << 20) {
        self.limit = limit
    }

    /// Returns the tag of a complete body, without copying it.
    ///
    /// - Complexity: O(size of the body).
    public static func tag(of body: ByteBuffer) -> EntityTag {
        EntityTag(body.withUnsafeReadableBytes { MD5.digest(of: $0) })
    }

    /// Returns the tag of a cached body, which keeps its digest.
    private static func tag(of variants: BodyVariants) -> EntityTag {
        var digest = variants.digest { body in
            let digest = body.withUnsafeReadableBytes { MD5.digest(of: $0) }
            var bytes = ByteBuffer()
            bytes.writeMultipleIntegers(digest.high, digest.low)
            return bytes
        }
        guard let (high, low) = digest.readMultipleIntegers(as: (UInt64, UInt64).self) else {
            return tag(of: variants.original)
        }
        return EntityTag(CacheKey(high: high, low: low))
    }

    /// Returns the response with the tag of its body.
    ///
    /// A body of known size is collected to compute the tag. A body of unknown size is not delayed: its digest is
    /// computed while it is sent, and the tag follows as a trailer field (RFC 9110 section 8.8.3) if the client accepts
    /// trailers.
    func tagged(_ reply: Reply, to exchange: Exchange) async throws -> Reply {
        if let variants = reply.body.variants, variants.original.readableBytes <= limit,
            reply.status != .noContent, reply.isRepresented(by: variants)
        {
            // A cached response keeps the digest of its body. An entry that serves HEAD has the body of GET.
            var reply = reply
            reply.headerFields[.eTag] = Self.tag(of: variants).description
            return reply
        }
        // The response to HEAD may lack the body of GET.
        if reply.body.contentLength == 0, exchange.request.method != .get || reply.status == .noContent { return reply }
        var reply = reply
        switch reply.body.content {
        case .empty:
            reply.headerFields[.eTag] = Self.tag(of: ByteBuffer()).description
        case .buffer(let buffer):
            guard buffer.readableBytes <= limit else { return reply }
            reply.headerFields[.eTag] = Self.tag(of: buffer).description
        case .stream(let stream):
            if let contentLength = stream.contentLength {
                guard contentLength <= limit else { return reply }
                let collected = try await reply.body.collect(upTo: limit)
                reply.body = collected.body
                reply.headerFields[.eTag] = Self.tag(of: collected.buffer).description
            } else if exchange.request.headerFields.acceptsTrailers {
                reply.body = ReplyBody(.stream(DigestedBody(body: stream, limit: limit)))
            }
        }
        return reply
    }
}

extension BodyETag {
    /// Fields of an update that the request for the current representation must not have.
    private static let ofUpdate: [HTTPField.Name] = [
        .ifMatch, .ifNoneMatch, .ifModifiedSince, .ifUnmodifiedSince, .ifRange, .range, .contentType, .contentLength,
        .contentEncoding, .transferEncoding, .te,
    ]

    /// Returns the tag of the representation that a request refers to, from the response of the handler that reads it.
    ///
    /// - Parameters:
    ///   - exchange: A request that updates the resource.
    ///   - read: The handler of GET.
    /// - Returns: The tag, or nil if the resource has no representation.
    /// - Throws: `BodyTooLarge`, errors of the handler, and ``UnreadableRepresentation`` for any other status.
    func tag(of exchange: Exchange, reading read: Handler) async throws -> EntityTag? {
        var exchange = exchange
        exchange.request.method = .get
        for name in Self.ofUpdate { exchange.request.headerFields[name] = nil }
        exchange.body = .empty
        exchange.route.method = Route.methodName(of: .get)
        let reply = try await read(exchange)
        switch reply.status {
        case .notFound, .gone: return nil
        case let status where status.kind == .successful && status != .partialContent: break
        case let status: throw UnreadableRepresentation(status: status.code)
        }
        if let field = reply.headerFields.value(of: .eTag), let tag = EntityTag(field: field) { return tag }
        let collected = try await reply.body.collect(upTo: limit)
        return Self.tag(of: collected.buffer)
    }
}

/// The error for a handler that does not return the current representation of a resource, so that no condition can be
/// evaluated.
public struct UnreadableRepresentation: Error, Hashable, CustomStringConvertible {
    /// The status of the handler's response.
    public let status: Int

    /// A description for logs.
    public var description: String { "reading the current representation failed: status \(status)" }
}

extension Reply {
    /// Returns whether the tag of a cached body is the tag of the response: its body is the cached one, or it has none,
    /// as for HEAD or 304.
    fileprivate func isRepresented(by variants: BodyVariants) -> Bool {
        body.contentLength == variants.original.readableBytes || body.contentLength == 0
    }
}

extension HTTPFields {
    /// Whether TE indicates that trailer fields are not discarded (RFC 9110 section 10.1.4).
    fileprivate var acceptsTrailers: Bool {
        members(of: .te).contains { $0.utf8.equalsIgnoringCase("trailers") }
    }
}
