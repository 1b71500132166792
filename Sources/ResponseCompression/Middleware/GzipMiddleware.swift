import ETag
public import HTTPPipeline
import HTTPTypes
import NIOCore

/// Compresses answers for clients that take gzip (RFC 9110 section 8.4.1.3).
///
/// It stands outside of entity tags and cache:
///
/// ```swift
/// Pipeline {
///     GzipMiddleware()
///     ETagMiddleware(key: .city)
///     CacheResponseMiddleware(.minutes(15), key: .city, in: store)
/// }
/// ```
///
/// A compressed answer has a tag of its own (``VariantTag``). What a client sends back of it is compared with the tag of the
/// uncompressed answer further in, and a 304 carries the tag that the client has. A cached answer keeps its compressed form, so
/// that a hit compresses nothing; padded ones are compressed anew each time.
///
/// Compressed is what is of a type worth it, large enough, and neither compressed already nor a part nor forbidden to be
/// transformed (RFC 9111 section 5.2.2.6). 204 and 304 have nothing to compress, and HEAD says what GET does, where the body is
/// there to know its length. A body of known size is compressed whole and sent as it was if that made it no smaller; above
/// 1 MiB, and of unknown size, it is compressed piece by piece as it comes, each piece sent at once. A client that refuses
/// answers without coding gets every body compressed, and 406 when it refuses gzip too.
///
/// A cache in front of this middleware needs `ContentCodingKeyBit` in its key; without it the Vary field keeps the cache from
/// storing anything.
public struct GzipMiddleware: Middleware {
    private let gzip: Gzip
    private let minimumSize: Int
    private let types: CompressibleTypes
    private let tags: VariantTag

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - level: 1, the fastest, to 9, the smallest result.
    ///   - minimumSize: The smallest body that is compressed, in bytes.
    ///   - types: The media types that are compressed.
    ///   - tags: How the tag of a compressed answer differs.
    ///   - padding: The largest number of bytes that are added to each answer, a random number of them, against attacks that
    ///     measure the size of answers (BREACH). 0 adds nothing. Tags of padded answers are weak. Of a stream the first piece
    ///     is padded.
    public init(
        level: Int = 6,
        minimumSize: Int = 200,
        types: CompressibleTypes = .standard,
        tags: VariantTag = .semicolon,
        padding: Int = 0
    ) {
        precondition((1...9).contains(level), "a level of gzip is a number from 1 to 9, not \(level)")
        precondition(padding >= 0, "padding is a number of bytes, not \(padding)")
        self.gzip = Gzip(level: level, padding: padding)
        self.minimumSize = minimumSize
        self.types = types
        self.tags = padding > 0 ? tags.weakened : tags
    }

    /// Answers with what it wraps, compressed if that is wanted.
    ///
    /// - Throws: What the handler throws.
    public func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        let accepted = AcceptEncoding(exchange.request.headerFields)
        guard let coding = accepted.preferred else {
            return Reply(status: .notAcceptable, headerFields: [.vary: HTTPField.Name.acceptEncoding.rawName])
        }
        let inner = tags.exchange(exchange, comparedFor: accepted)
        var reply = try await next(inner)
        // The framework renders an error anew outside of the pipeline, so nothing of it may be changed here.
        guard reply.thrownError == nil else { return reply }
        let isForced = !accepted.accepts(.identity)
        let status = reply.status
        if status == .notModified {
            let isCompressed =
                coding == .gzip
                && reply.represented.map { answer in
                    isWorthCompressing(ContentFields(reply.headerFields, standingFor: answer), isForced: isForced)
                } ?? false
            tags.restore(in: &reply, for: exchange.request, isCompressed: isCompressed)
            // It has the Vary of the answer that it stands for, as far as that is known.
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

    /// Whether an answer is compressed for a client that takes gzip, as far as its fields tell.
    private func isWorthCompressing(_ content: ContentFields, isForced: Bool) -> Bool {
        guard content.isIdentity, !content.forbidsTransformation else { return false }
        guard !isForced else { return content.length != 0 }
        return content.type.map(types.contains) == true && content.length ?? .max >= max(minimumSize, 1)
    }

    private func compressed(_ reply: Reply, isHead: Bool, isForced: Bool) async throws -> Reply {
        var reply = reply
        if isHead, reply.body.contentLength == 0 {
            // HEAD tells the length that GET has. Where nobody has the body it keeps what it says of the uncompressed answer.
            guard let original = reply.body.variants?.original else { return reply }
            let variants = reply.body.variants
            reply.body = ReplyBody(original)
            reply.body.variants = variants
        }
        if case .stream(let stream) = reply.body.content, let size = stream.contentLength, size <= Self.collectedSize {
            reply.body = try await reply.body.collect(upTo: Self.collectedSize).body
        }
        guard case .buffer(let buffer) = reply.body.content else {
            // Nobody knows the length that GET would have, and frameworks write one for HEAD in any case.
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

    /// Larger bodies are compressed while they are sent: nobody should wait for all of them, nor memory hold them.
    private static let collectedSize = 1 << 20

    /// The body compressed, or nothing when that makes it no smaller and it is not forced.
    private func compressed(_ buffer: ByteBuffer, variants: BodyVariants?, isForced: Bool) -> ByteBuffer {
        let name = gzip.variantName
        if let name, let variant = variants?[name], !isForced || variant.readableBytes > 0 { return variant }
        let result = gzip.compress(buffer)
        let isSmaller = result.readableBytes < buffer.readableBytes
        if let name { variants?.insert(isSmaller ? result : ByteBuffer(), named: name) }
        return isSmaller || isForced ? result : ByteBuffer()
    }

    /// The reply with a compressed body, and with the fields that are true of it.
    private func encoded(_ reply: Reply, _ body: ReplyBody) -> Reply {
        var reply = reply
        reply.body = body
        reply.headerFields = reply.headerFields.compressed(tags)
        return reply
    }
}
