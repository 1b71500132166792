import CacheMiddleware
public import ETag
public import HTTPPipeline
public import HTTPTypes
import KeyConstructor
public import NIOCore
import ResponseCompression

extension Workload {
    /// 10 KiB of JSON, like a response of an API.
    public static let json: ByteBuffer = {
        var text = "["
        var index = 0
        while text.utf8.count < 10_239 {
            text +=
                #"{"id": \#(index * 7919), "name": "City \#(index)", "population": \#((index * 104_729) % 10_000_000)}, "#
            index += 1
        }
        return ByteBuffer(string: String(text.prefix(10_239)) + "]")
    }()

    /// 100 bytes.
    public static let hundredBytes = String(repeating: "0123456789", count: 10)

    /// The condition of a client with ten tags, of which the last is the current one.
    public static let tenTags = (0..<10).map { "\"\(CacheKey(digestOf: "\($0)"))\"" }.joined(separator: ", ")

    /// The current validators.
    public static let current = Validators(tag: EntityTag(CacheKey(digestOf: "9")))

    /// The fields of that client's request.
    public static func conditionalFields() -> HTTPFields {
        var fields = exchange().request.headerFields
        fields[.ifNoneMatch] = tenTags
        return fields
    }

    /// The response of a handler.
    public static func reply() -> Reply {
        Reply(
            status: .ok, headerFields: [.contentType: "application/json", .cacheControl: "max-age=0"],
            body: ReplyBody(json)
        )
    }

    /// A handler behind entity tag and cache.
    public static func cachedHandler() -> Handler {
        let key = KeyConstructor.safeDefault.overridingMethod.memoizedForRequest()
        return Pipeline {
            ETagMiddleware(key: key)
            CacheResponseMiddleware(.forever, key: key, in: MemoryStore(byteLimit: 64 << 20))
        }.wrap { _ in reply() }
    }

    /// A handler whose tags are the digests of its bodies.
    public static func bodyTagHandler() -> Handler {
        Pipeline { ETagMiddleware() }.wrap { _ in reply() }
    }

    /// A handler whose responses are compressed.
    public static func gzipHandler() -> Handler {
        Pipeline { GzipMiddleware() }.wrap { _ in reply() }
    }
}

extension KeyConstructor {
    /// The same bits with the view instead of view and method, so that entity tag and cache share one key.
    fileprivate var overridingMethod: KeyConstructor {
        adding(["unique_method_id": .uniqueViewID])
    }
}
