public import HTTPPipeline
import HTTPTypes
import KeyConstructor
public import NIOCore

/// Makes an entity tag out of the body of an answer: the digest of its bytes.
///
/// It needs no key and follows the content by itself, but the handler has to run before the tag is known. The digest is MD5,
/// which tells versions of one resource apart unless somebody makes two that collide on purpose.
public struct BodyETag: Sendable, Hashable {
    /// The largest body that gets a tag, in bytes.
    public let limit: Int

    /// Creates the maker of tags.
    ///
    /// - Parameter limit: The largest body that gets a tag, in bytes. Larger ones are sent without one.
    public init(upTo limit: Int = 1 << 20) {
        self.limit = limit
    }

    /// The tag of a body that is whole. O(size of the body), without a copy.
    public static func tag(of body: ByteBuffer) -> EntityTag {
        EntityTag(body.withUnsafeReadableBytes { MD5.digest(of: $0) })
    }

    /// The tag of a stored body, which keeps its digest.
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

    /// The reply with the tag of its body.
    ///
    /// A body of known size is collected for it. One of unknown size is not held back: it is digested while it is sent, and the
    /// tag follows it as a trailer field (RFC 9110 section 8.8.3) when the client has said that it takes trailers.
    func tagged(_ reply: Reply, to exchange: Exchange) async throws -> Reply {
        if let variants = reply.body.variants, variants.original.readableBytes <= limit,
            reply.status != .noContent, reply.isRepresented(by: variants)
        {
            // A stored response keeps the digest of its body; what answers HEAD has the body of GET there.
            var reply = reply
            reply.headerFields[.eTag] = Self.tag(of: variants).description
            return reply
        }
        // What answers HEAD may be without the body that GET has.
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
    /// What a request that reads the resource does not take over from one that updates it.
    private static let ofUpdate: [HTTPField.Name] = [
        .ifMatch, .ifNoneMatch, .ifModifiedSince, .ifUnmodifiedSince, .ifRange, .range, .contentType, .contentLength,
        .contentEncoding, .transferEncoding, .te,
    ]

    /// The tag of the representation that a request is about, from the response of the handler that reads it.
    ///
    /// - Parameters:
    ///   - exchange: A request that updates the resource.
    ///   - read: Answers GET.
    /// - Returns: The tag; nil when the resource has no representation.
    /// - Throws: `BodyTooLarge`, what the handler throws, and ``UnreadableRepresentation`` for a status that says neither.
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

/// The handler that reads a resource did not say what its representation is, so no condition can be evaluated.
public struct UnreadableRepresentation: Error, Hashable, CustomStringConvertible {
    /// The status it answered with.
    public let status: Int

    /// What happened, for logs.
    public var description: String { "the current representation could not be read: status \(status)" }
}

extension Reply {
    /// Whether the tag of a stored body is that of the reply: its body is the stored one, or it has none, as a HEAD or a 304.
    fileprivate func isRepresented(by variants: BodyVariants) -> Bool {
        body.contentLength == variants.original.readableBytes || body.contentLength == 0
    }
}

extension HTTPFields {
    /// Whether TE says that trailer fields are not thrown away (RFC 9110 section 10.1.4).
    fileprivate var acceptsTrailers: Bool {
        members(of: .te).contains { $0.utf8.equalsIgnoringCase("trailers") }
    }
}
