//! What a browser or a client calls itself, in words for the person who signed in there.
//!
//! A `User-Agent` names its ancestors too: Edge says that it's Chrome, Chrome says that it's Safari, and all say that they are
//! Mozilla. So the tables are in the order in which the names have to be looked for.

/// The browsers that people use, by what only they say of themselves.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// The systems that they run on. An iPad may say that it's a Mac, which nobody can tell apart.
const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
];

/// The programs that people use without a page, by how their names begin.
const CLIENTS: &[(&str, &str)] = &[
    ("quorate/", "The quorate command line"),
    ("curl/", "curl"),
    ("Wget/", "Wget"),
    ("HTTPie/", "HTTPie"),
    ("python-requests/", "A Python program"),
    ("python-httpx/", "A Python program"),
    ("PostmanRuntime/", "Postman"),
    ("insomnia/", "Insomnia"),
];

/// A browser as `Firefox on Linux`, or a program by its name; `None` for what isn't known.
pub(super) fn in_words(agent: &str) -> Option<String> {
    if let Some((_, name)) = CLIENTS.iter().find(|(begin, _)| agent.starts_with(begin)) {
        return Some((*name).to_owned());
    }
    let find =
        |table: &[(&str, &'static str)]| table.iter().find(|(part, _)| agent.contains(part)).map(|(_, name)| *name);
    let browser = find(BROWSERS)?;
    Some(find(SYSTEMS).map_or_else(|| browser.to_owned(), |system| format!("{browser} on {system}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_called_by_its_own_name_and_its_system() {
        for (agent, words) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                "Chrome on Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 \
                 Safari/537.36 Edg/140.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 \
                 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 CriOS/140.0.0.0 Mobile/15E148 Safari/604.1",
                "Chrome on an iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 \
                 Chrome/130.0.0.0 Mobile Safari/537.36",
                "Samsung Internet on Android",
            ),
            ("Mozilla/5.0 (Plan9) Firefox/140.0", "Firefox"),
        ] {
            assert_eq!(in_words(agent).as_deref(), Some(words), "{agent}");
        }
    }

    #[test]
    fn a_program_is_called_by_its_name() {
        assert_eq!(in_words("quorate/0.1.0").as_deref(), Some("The quorate command line"));
        assert_eq!(in_words("curl/8.14.1").as_deref(), Some("curl"));
        for unknown in ["", "a client", "Mozilla/5.0 (compatible; something/1.0)", "not quorate/0.1.0"] {
            assert_eq!(in_words(unknown), None, "{unknown}");
        }
    }
}
