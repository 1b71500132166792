public import HTTPTypes
public import NIOCore
import Synchronization

/// What the copies of an ``Exchange`` share until one of them is changed.
///
/// A request has some fifteen references to count, and a copy of it is made at each step of a pipeline: here they are one.
// Sendable because an exchange changes only a storage that nobody else refers to, see `Exchange.willChange`. The memo
// guards itself.
@usableFromInline
final class ExchangeStorage: @unchecked Sendable {
    @usableFromInline var request: HTTPRequest
    @usableFromInline var body: RequestBody
    @usableFromInline var route: Route
    @usableFromInline var pathParameters: PathParameters
    @usableFromInline var remoteAddress: SocketAddress?
    @usableFromInline var userID: String?
    @usableFromInline var language: String?
    @usableFromInline var format: String?
    @usableFromInline var attributes = Attributes()

    private(set) var revision = 0
    private let lazyMemo = AtomicLazyReference<RequestMemo>()

    init(
        request: HTTPRequest,
        body: RequestBody,
        route: Route,
        pathParameters: PathParameters,
        remoteAddress: SocketAddress?,
        userID: String?,
        language: String?,
        format: String?
    ) {
        self.request = request
        self.body = body
        self.route = route
        self.pathParameters = pathParameters
        self.remoteAddress = remoteAddress
        self.userID = userID
        self.language = language
        self.format = format
    }

    /// The memo, or nil as long as nobody has asked for it.
    var existingMemo: RequestMemo? { lazyMemo.load() }

    /// The request's memo. Most requests need none.
    var memo: RequestMemo {
        lazyMemo.load() ?? lazyMemo.storeIfNil(RequestMemo(lastRevision: revision))
    }

    /// The same content under a revision of its own, with the same memo.
    func copy() -> ExchangeStorage {
        let copy = ExchangeStorage(
            request: request,
            body: body,
            route: route,
            pathParameters: pathParameters,
            remoteAddress: remoteAddress,
            userID: userID,
            language: language,
            format: format
        )
        copy.attributes = attributes
        let memo = memo
        copy.revision = memo.makeRevision()
        _ = copy.lazyMemo.storeIfNil(memo)
        return copy
    }

    /// Takes another revision.
    func changeRevision() {
        // Without a memo there is no other storage of this request: it would have been copied from this one.
        revision = existingMemo?.makeRevision() ?? revision + 1
    }
}
