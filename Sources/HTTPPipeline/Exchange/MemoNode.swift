/// An element of a ``RequestMemo``: what an owner keeps for one exchange of the request, or for all of them.
///
/// Elements form a list, because a request has few of them: each needs one allocation.
// Sendable because `next` is only used under the lock of the memo, and all other properties are constants.
@usableFromInline
class MemoNode: @unchecked Sendable {
    // Retained: the address of a freed owner could be reused by another one during the request.
    private let owner: any AnyObject & Sendable
    let revision: Int
    /// The next element.
    @exclusivity(unchecked) var next: MemoNode?

    @usableFromInline
    init(owner: any AnyObject & Sendable, revision: Int) {
        (self.owner, self.revision) = (owner, revision)
    }

    /// Returns the first element from here on that belongs to an owner.
    final func first(of owner: ObjectIdentifier, revision: Int) -> MemoNode? {
        var node = self
        while ObjectIdentifier(node.owner) != owner || node.revision != revision {
            guard let next = node.next else { return nil }
            node = next
        }
        return node
    }
}

/// An object that an owner keeps for the whole request.
// Sendable because `MemoNode` is, and `object` is a constant.
final class MemoObject: MemoNode, @unchecked Sendable {
    let object: any AnyObject & Sendable

    init(_ object: any AnyObject & Sendable, owner: any AnyObject & Sendable, revision: Int) {
        self.object = object
        super.init(owner: owner, revision: revision)
    }
}
