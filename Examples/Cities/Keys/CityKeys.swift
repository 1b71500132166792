import CacheMiddleware
import KeyConstructor

/// The keys of the application's resources.
///
/// They are made once and shared: ETagMiddleware and CacheResponseMiddleware then find each other's result in the request's
/// memo. They hold `uniqueViewID` and not `uniqueMethodID`, so that the tag a client got from GET is the one that its PUT,
/// PATCH or DELETE is compared with.
struct CityKeys: Sendable {
    /// The key of a page of cities. It names every query parameter that the answer depends on, and no other.
    let cityList: KeyConstructor
    /// The key of one city.
    let city: KeyConstructor
    /// The key of the list of countries.
    let countries: KeyConstructor
    /// The key of one user's favourites.
    let favourites: KeyConstructor

    init(updatedAt: VersionStamp, versions: CityVersions) {
        let representation: KeyConstructor = [
            "unique_view_id": .uniqueViewID, "format": .format, "language": .language,
        ]
        // Any write gives every list a new key; what was cached before makes room in its turn.
        let view = representation.adding(["updated_at": .custom(VersionStampKeyBit(updatedAt))])
        cityList = view.adding([
            "query_parameters": .queryParameters(["country", "name", "min_population", "sort"]),
            "pagination": .pagination(["page", "page_size"]),
        ]).memoizedForRequest()
        city = representation.adding(["path_parameters": .pathParameters, "version": .custom(versions)])
            .memoizedForRequest()
        countries = view.memoizedForRequest()
        favourites = view.adding(["user": .user]).memoizedForRequest()
    }
}
