import Foundation

extension String {
    /// The text for searching and sorting names: in lower case and without diacritics, so that `sao` finds `São Paulo`.
    var foldedForSearch: String {
        folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
    }
}
