import ETag
public import HTTPPipeline
import HTTPTypes
import NIOCore

/// A middleware that compresses responses for clients that accept gzip (RFC 9110 section 8.4.1.3).
///
/// Place it outside of entity tags and cache:
///
/// ```swift
/// Pipeline {
///     GzipMiddleware()
///     ETagMiddleware(key: .city)
///     CacheResponseMiddleware(.minutes(15), key: .city, in: store)
/// }
/// ```
///
/// A compressed response has its own tag (``VariantTag``). If a client sends that tag in a condition, inner middleware
/// compares it with the tag of the uncompressed response, and a 304 has the tag that the client has. A cached response
/// keeps its gzip variant, so a hit requires no compression; padded variants are compressed again each time.
///
/// A response is compressed if its type is compressible, it is large enough, it is not already compressed, it is not a
/// part, and it may be transformed (RFC 9111 section 5.2.2.6). 204 and 304 have nothing to compress. HEAD gets the
/// fields of GET if the body is available to determine its length. A body of known size is compressed as a whole, and
/// sent uncompressed if compression does not make it smaller. A body above 1 MiB, or of unknown size, is compressed
/// piece by piece, and each piece is sent at once. A client that refuses the identity coding gets every body
/// compressed, and gets 406 if it refuses gzip too.
///
/// A cache in front of this middleware needs `ContentCodingKeyBit` in its key; otherwise the Vary field prevents the
/// cache from storing any response.
public struct GzipMiddleware: Middleware {
    private let gzip: Gzip
    private let minimumSize: Int
    private let types: CompressibleTypes
    private let tags: VariantTag

    /// Creates the middleware.
    ///
    /// ```swift
    /// GzipMiddleware { $0.level = 1 }
    /// ```
    ///
    /// A level outside of 1 to 9 and a negative padding are programming errors and stop the program.
    ///
    /// - Parameter configure: Changes the settings, which are ``GzipSettings/standard`` before.
    public init(configure: (inout GzipSettings) -> Void = { _ in }) {
        var settings = GzipSettings.standard
        configure(&settings)
        guard (1...9).contains(settings.level) else {
            fatalError("the level of gzip is \(settings.level); expected a number from 1 to 9")
        }
        guard settings.padding >= 0 else {
            fatalError("the padding of gzip is \(settings.padding); expected a number of bytes from 0")
        }
        gzip = Gzip(level: settings.level, padding: settings.padding)
        minimumSize = settings.minimumSize
        types = settings.types
        tags = settings.padding > 0 ? settings.tags.weakened : settings.tags
    }

    /// Returns the response of the wrapped handler, compressed if the client accepts gzip and the response is
    /// compressible.
    ///
    /// - Throws: Errors of the handler.
    public func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        let accepted = AcceptEncoding(exchange.request.headerFields)
        guard let coding = accepted.preferred else {
            return Reply(status: .notAcceptable, headerFields: [.vary: HTTPField.Name.acceptEncoding.rawName])
        }
        let inner = tags.exchange(exchange, comparedFor: accepted)
        var reply = try await next(inner)
        // The framework renders an error again outside of the pipeline, so the response must not be changed here.
        guard reply.thrownError == nil else { return reply }
        let isForced = !accepted.accepts(.identity)
        let status = reply.status
        if status == .notModified {
            let isCompressed =
                coding == .gzip
                && reply.represented.map { represented in
                    isWorthCompressing(ContentFields(reply.headerFields, standingFor: represented), isForced: isForced)
                } ?? false
            tags.restore(in: &reply, for: exchange.request, isCompressed: isCompressed)
            // A 304 has the Vary field of the response that it represents, as far as that is known.
            if isForced || reply.represented.map({ $0.contentType.map(types.contains) == true }) ?? true {
                reply.headerFields.varyByAcceptEncoding()
            }
            return reply
        }
        var content = ContentFields(reply.headerFields)
        guard status.kind != .informational, status != .noContent, status != .partialContent, !content.isPartial,
            content.isIdentity, !content.forbidsTransformation, isForced || content.type.map(types.contains) == true
        else { return reply }
        reply.headerFields.varyByAcceptEncoding()
        content.length = content.length ?? reply.body.contentLength
        guard coding == .gzip, isWorthCompressing(content, isForced: isForced) else { return reply }
        return try await compressed(reply, isHead: exchange.request.method == .head, isForced: isForced)
    }

    /// Returns whether a response is compressed for a client that accepts gzip, as far as its fields determine it.
    private func isWorthCompressing(_ content: ContentFields, isForced: Bool) -> Bool {
        guard content.isIdentity, !content.forbidsTransformation else { return false }
        guard !isForced else { return content.length != 0 }
        return content.type.map(types.contains) == true && content.length ?? .max >= max(minimumSize, 1)
    }

    private func compressed(_ reply: Reply, isHead: Bool, isForced: Bool) async throws -> Reply {
        var reply = reply
        if isHead, reply.body.contentLength == 0 {
            // HEAD gets the length of GET. If the body is not available, HEAD keeps the fields of the uncompressed
            // response.
            guard let original = reply.body.variants?.original else { return reply }
            let variants = reply.body.variants
            reply.body = ReplyBody(original)
            reply.body.variants = variants
        }
        if case .stream(let stream) = reply.body.content, let size = stream.contentLength, size <= Self.collectedSize {
            reply.body = try await reply.body.collect(upTo: Self.collectedSize).body
        }
        guard case .buffer(let buffer) = reply.body.content else {
            // The length of GET is unknown, and frameworks write a length for HEAD in any case.
            guard !isHead else { return reply }
            return encoded(reply, ReplyBody(.stream(GzipBody(body: reply.body, gzip: gzip, tags: tags))))
        }
        let result = compressed(buffer, variants: reply.body.variants, isForced: isForced)
        let isSmaller = result.readableBytes > 0
        if isSmaller { reply = encoded(reply, ReplyBody(result)) }
        if isHead {
            reply.headerFields[.contentLength] = String(isSmaller ? result.readableBytes : buffer.readableBytes)
            reply.body = .empty
        }
        return reply
    }

    /// The maximum size of a body that is compressed as a whole. Larger bodies are compressed while they are sent, so
    /// that clients do not wait for the whole body and it is not held in memory.
    private static let collectedSize = 1 << 20

    /// Returns the compressed body, or an empty buffer if compression does not make it smaller and is not forced.
    private func compressed(_ buffer: ByteBuffer, variants: BodyVariants?, isForced: Bool) -> ByteBuffer {
        let name = gzip.variantName
        if let name, let variant = variants?[name], !isForced || variant.readableBytes > 0 { return variant }
        let result = gzip.compress(buffer)
        let isSmaller = result.readableBytes < buffer.readableBytes
        if let name { variants?.insert(isSmaller ? result : ByteBuffer(), named: name) }
        return isSmaller || isForced ? result : ByteBuffer()
    }

    /// Returns the response with a compressed body and the fields that apply to it.
    private func encoded(_ reply: Reply, _ body: ReplyBody) -> Reply {
        var reply = reply
        reply.body = body
        reply.headerFields = reply.headerFields.compressed(tags)
        return reply
    }
}
