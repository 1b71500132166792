public import HTTPTypes
import Synchronization

/// The copy-on-write storage of ``Exchange``.
///
/// A request has some fifteen references, and each step of a pipeline copies it. With this storage a copy retains one reference.
// Sendable because an exchange changes only a uniquely referenced storage, see `Exchange.willChange`, and the memo is thread-safe. For
// the same reason accesses never overlap: accesses to the exchange are checked for exclusivity, and checking them here again would
// cost more than the accesses themselves.
@usableFromInline
final class ExchangeStorage: @unchecked Sendable {
    @exclusivity(unchecked) @usableFromInline var request: HTTPRequest
    @exclusivity(unchecked) @usableFromInline var body: RequestBody
    @exclusivity(unchecked) @usableFromInline var route: Route
    @exclusivity(unchecked) @usableFromInline var pathParameters: PathParameters
    @exclusivity(unchecked) @usableFromInline var client: Exchange.Client
    @exclusivity(unchecked) @usableFromInline var attributes = Attributes()

    @exclusivity(unchecked) private(set) var revision = 0
    /// The framework's request, even after a middleware has replaced the body.
    @exclusivity(unchecked) private(set) var frameworkRequest: (any FrameworkRequest)?
    private let lazyMemo: Mutex<RequestMemo?>

    init(
        request: HTTPRequest,
        body: RequestBody,
        route: Route,
        pathParameters: PathParameters,
        client: Exchange.Client
    ) {
        self.lazyMemo = Mutex(nil)
        self.frameworkRequest = body.frameworkRequest
        self.request = request
        self.body = body
        self.route = route
        self.pathParameters = pathParameters
        self.client = client
    }

    /// The memo, or nil if it has not been created yet.
    var existingMemo: RequestMemo? { lazyMemo.withLock { $0 } }

    /// The memo of the request, created on first access: most requests need none.
    var memo: RequestMemo {
        lazyMemo.withLock { memo in
            if let memo { return memo }
            let new = RequestMemo(lastRevision: revision)
            memo = new
            return new
        }
    }

    /// Calls `body` with the memoized value of an owner for this revision, if there is one, under the lock of the memo.
    @usableFromInline
    func withMemoized(by owner: ObjectIdentifier, _ body: (MemoNode) -> Void) {
        lazyMemo.withLock { $0?.withNode(of: owner, revision: revision, body) }
    }

    /// Returns a copy with a new revision and the same memo.
    func copy() -> ExchangeStorage {
        let copy = ExchangeStorage(
            request: request,
            body: body,
            route: route,
            pathParameters: pathParameters,
            client: client
        )
        copy.frameworkRequest = frameworkRequest
        copy.attributes = attributes
        let memo = memo
        copy.revision = memo.makeRevision()
        copy.lazyMemo.withLock { $0 = memo }
        return copy
    }

    /// Assigns a new revision.
    func changeRevision() {
        // Without a memo there is no other storage of this request, because copying creates the memo.
        revision = existingMemo?.makeRevision() ?? revision + 1
    }
}
