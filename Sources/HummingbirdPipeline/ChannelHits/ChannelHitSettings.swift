#if Hummingbird
import CacheMiddleware
public import HTTPTypes
public import NIOCore

/// The settings of ``ChannelHits``.
public struct ChannelHitSettings: Sendable {
    /// The maximum number of responses that are kept for each event loop. 1,024 by default.
    public var responseLimit = 1024

    /// The maximum number of bytes that are kept for each event loop: heads of requests and responses, and bodies, including those
    /// that share their memory with the store. 16 MiB by default.
    public var byteLimit = 16 << 20

    /// The maximum size of a request head in bytes. Requests with longer heads take the ordinary path. 8 KiB by default.
    public var headLimit = 8 << 10

    /// The header fields that are credentials: a request that has one takes the ordinary path. Those of
    /// `CacheSettings.standardCredentialFields` by default: Authorization, Cookie, Proxy-Authorization and X-API-Key.
    public var credentialFields: Set<HTTPField.Name> = CacheSettings.standardCredentialFields

    /// Whether the Cache-Status of these responses has the parameter `detail=channel`. Off by default.
    public var marksStatus = false

    /// Called on the event loop for each request that was answered, for example to log it. It must not block. nil by default.
    public var onHit: (@Sendable (ChannelHit) -> Void)?

    /// Creates the default settings.
    public init() {}
}

/// A request that was answered in its channel.
public struct ChannelHit: Sendable {
    /// The bytes of the request's head.
    public let requestHead: ByteBuffer
    /// The status of the response.
    public let status: Int
    /// The number of bytes of the response, head and body.
    public let byteCount: Int
    /// The connection.
    public let channel: any Channel

    /// The method of the request.
    public var method: String { word(0) }
    /// The target of the request.
    public var target: String { word(1) }

    private func word(_ index: Int) -> String {
        let words = requestHead.readableBytesView.split(separator: 0x20, maxSplits: 2)
        return index < words.count ? String(decoding: words[index], as: UTF8.self) : ""
    }
}
#endif
