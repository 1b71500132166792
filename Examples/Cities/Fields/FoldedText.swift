import Foundation
import Synchronization

extension String {
    /// The text for searching names: in lower case and without diacritics, so that `sao` finds `São Paulo`.
    var foldedForSearch: String {
        guard utf8.contains(where: { $0 >= 0x80 }) else { return lowercased() }
        return FoldedCharacters.shared.fold(self)
    }

    /// The same by Foundation, which takes ten times as long.
    var foldedByFoundation: String {
        folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
    }
}

/// The forms of characters for searching, each of which Foundation folds only once.
private final class FoldedCharacters: Sendable {
    static let shared = FoldedCharacters()

    /// The maximum number of characters, because clients choose them.
    private static let limit = 4096

    private let known = Mutex<[Character: String]>([:])

    func fold(_ text: String) -> String {
        known.withLock { known in
            var folded = ""
            folded.reserveCapacity(text.utf8.count)
            for character in text {
                if character.utf8.count == 1 {
                    folded += character.lowercased()
                } else if let form = known[character] {
                    folded += form
                } else {
                    let form = String(character).foldedByFoundation
                    if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
                    known[character] = form
                    folded += form
                }
            }
            return folded
        }
    }
}
