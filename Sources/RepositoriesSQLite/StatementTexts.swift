#if GRDB
import Synchronization

/// The texts of statements that stay prepared.
///
/// GRDB keeps every cached statement of a connection. Filters and lists of clients produce an unlimited number of texts, so
/// only the first ones are cached.
final class StatementTexts: Sendable {
    /// The maximum number of texts.
    static let limit = 256
    /// The maximum length of a text in bytes.
    static let maximumLength = 4096

    private let texts = Mutex<Set<String>>([])

    /// Returns whether a statement with a text stays prepared.
    func isKept(_ text: String) -> Bool {
        guard text.utf8.count <= Self.maximumLength else { return false }
        return texts.withLock { texts in
            if texts.contains(text) { return true }
            guard texts.count < Self.limit else { return false }
            texts.insert(text)
            return true
        }
    }
}
#endif
