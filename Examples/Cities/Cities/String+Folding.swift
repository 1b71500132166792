import Foundation

extension String {
    /// The text as names are searched and sorted by: in lower case and without diacritics, so that `sao` finds `São Paulo`.
    var foldedForSearch: String {
        folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
    }
}
