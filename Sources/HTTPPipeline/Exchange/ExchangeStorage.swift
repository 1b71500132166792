public import HTTPTypes
public import NIOCore
import Synchronization

/// What the copies of an ``Exchange`` share until one of them is changed.
///
/// A request has some fifteen references to count, and a copy of it is made at each step of a pipeline: here they are one.
// Sendable because an exchange changes only a storage that nobody else refers to, see `Exchange.willChange`. The memo
// guards itself. For the same reason accesses never overlap: those of one exchange are checked as accesses to the exchange, and
// checking them again here would cost more than what they do.
@usableFromInline
final class ExchangeStorage: @unchecked Sendable {
    @exclusivity(unchecked) @usableFromInline var request: HTTPRequest
    @exclusivity(unchecked) @usableFromInline var body: RequestBody
    @exclusivity(unchecked) @usableFromInline var route: Route
    @exclusivity(unchecked) @usableFromInline var pathParameters: PathParameters
    @exclusivity(unchecked) @usableFromInline var remoteAddress: SocketAddress?
    @exclusivity(unchecked) @usableFromInline var userID: String?
    @exclusivity(unchecked) @usableFromInline var language: String?
    @exclusivity(unchecked) @usableFromInline var format: String?
    @exclusivity(unchecked) @usableFromInline var attributes = Attributes()

    @exclusivity(unchecked) private(set) var revision = 0
    /// The call of a framework that this was made for, also after a middleware has replaced the body.
    let call: (any FrameworkCall)?
    private let lazyMemo: Mutex<RequestMemo?>

    init(
        request: HTTPRequest,
        body: RequestBody,
        route: Route,
        pathParameters: PathParameters,
        remoteAddress: SocketAddress?,
        userID: String?,
        language: String?,
        format: String?,
        call: (any FrameworkCall)? = nil
    ) {
        self.lazyMemo = Mutex(nil)
        self.call = call ?? body.call
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
    var existingMemo: RequestMemo? { lazyMemo.withLock { $0 } }

    /// The request's memo. Most requests need none.
    var memo: RequestMemo {
        lazyMemo.withLock { memo in
            if let memo { return memo }
            let new = RequestMemo(lastRevision: revision)
            memo = new
            return new
        }
    }

    /// Hands `body` what an owner has put into the memo for this revision, if there is anything, without counting a reference.
    @usableFromInline
    func withMemoized(by owner: ObjectIdentifier, _ body: (AnyObject) -> Void) {
        lazyMemo.withLock { $0?.withObject(of: owner, revision: revision, body) }
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
            format: format,
            call: call
        )
        copy.attributes = attributes
        let memo = memo
        copy.revision = memo.makeRevision()
        copy.lazyMemo.withLock { $0 = memo }
        return copy
    }

    /// Takes another revision.
    func changeRevision() {
        // Without a memo there is no other storage of this request: it would have been copied from this one.
        revision = existingMemo?.makeRevision() ?? revision + 1
    }
}
