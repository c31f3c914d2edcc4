//! What widely used libraries lost, where the name that their release notes give means the same.
//!
//! Sources: the release notes and migration guides of NumPy 1.24 to 2.4, pandas 1.0 to 3.0, NetworkX 2.4 and 3.0,
//! Django 2.0 to 5.1, Flask 2.1 to 3.0, Werkzeug 1.0 to 3.0, Jinja 3.0 and 3.1, MarkupSafe 2.1, SQLAlchemy 2.0,
//! pydantic 2.0, click 8.1 and urllib3 2.0. Messages that name the successor need no entry (`told-replacement`).

use super::{Methods, Table};

pub(super) const TABLE: Table = &[
    ("click", "click 8.1", &[("get_terminal_size", "shutil.get_terminal_size")]),
    ("django.conf.urls", "Django 4.0", &[("url", "django.urls.re_path")]),
    ("django.contrib.postgres.fields", "Django 4.0", &[("JSONField", "django.db.models.JSONField")]),
    (
        "django.core.urlresolvers",
        "Django 2.0",
        &[
            ("NoReverseMatch", "django.urls.NoReverseMatch"),
            ("resolve", "django.urls.resolve"),
            ("reverse", "django.urls.reverse"),
            ("reverse_lazy", "django.urls.reverse_lazy"),
        ],
    ),
    (
        "django.utils.encoding",
        "Django 4.0",
        &[("force_text", "django.utils.encoding.force_str"), ("smart_text", "django.utils.encoding.smart_str")],
    ),
    (
        "django.utils.http",
        "Django 4.0",
        &[
            ("is_safe_url", "django.utils.http.url_has_allowed_host_and_scheme"),
            ("urlquote", "urllib.parse.quote"),
            ("urlquote_plus", "urllib.parse.quote_plus"),
            ("urlunquote", "urllib.parse.unquote"),
            ("urlunquote_plus", "urllib.parse.unquote_plus"),
        ],
    ),
    ("django.utils.lru_cache", "Django 3.0", &[("lru_cache", "functools.lru_cache")]),
    (
        "django.utils.translation",
        "Django 4.0",
        &[
            ("ugettext", "django.utils.translation.gettext"),
            ("ugettext_lazy", "django.utils.translation.gettext_lazy"),
            ("ugettext_noop", "django.utils.translation.gettext_noop"),
            ("ungettext", "django.utils.translation.ngettext"),
            ("ungettext_lazy", "django.utils.translation.ngettext_lazy"),
        ],
    ),
    ("flask", "Flask 3.0", &[("Markup", "markupsafe.Markup"), ("escape", "markupsafe.escape")]),
    (
        "jinja2",
        "Jinja 3.1",
        &[
            ("Markup", "markupsafe.Markup"),
            ("contextfilter", "jinja2.pass_context"),
            ("contextfunction", "jinja2.pass_context"),
            ("environmentfilter", "jinja2.pass_environment"),
            ("environmentfunction", "jinja2.pass_environment"),
            ("escape", "markupsafe.escape"),
            ("evalcontextfilter", "jinja2.pass_eval_context"),
            ("evalcontextfunction", "jinja2.pass_eval_context"),
        ],
    ),
    ("markupsafe", "MarkupSafe 2.1", &[("soft_unicode", "markupsafe.soft_str")]),
    (
        "networkx",
        "NetworkX 3.0",
        &[
            ("OrderedDiGraph", "networkx.DiGraph"),
            ("OrderedGraph", "networkx.Graph"),
            ("OrderedMultiDiGraph", "networkx.MultiDiGraph"),
            ("OrderedMultiGraph", "networkx.MultiGraph"),
            ("from_numpy_matrix", "networkx.from_numpy_array"),
        ],
    ),
    (
        "numpy",
        "NumPy 2.0",
        &[
            ("AxisError", "numpy.exceptions.AxisError"),
            ("ComplexWarning", "numpy.exceptions.ComplexWarning"),
            ("RankWarning", "numpy.exceptions.RankWarning"),
            ("VisibleDeprecationWarning", "numpy.exceptions.VisibleDeprecationWarning"),
            ("alltrue", "numpy.all"),
            ("bool8", "numpy.bool_"),
            ("cumproduct", "numpy.cumprod"),
            ("product", "numpy.prod"),
            ("round_", "numpy.round"),
            ("row_stack", "numpy.vstack"),
            ("sometrue", "numpy.any"),
            ("trapz", "numpy.trapezoid"),
        ],
    ),
    ("pandas", "pandas 2.0", &[("datetime", "datetime.datetime")]),
    ("pandas.io.json", "pandas 2.0", &[("json_normalize", "pandas.json_normalize")]),
    (
        "pandas.util.testing",
        "pandas 2.0",
        &[
            ("assert_extension_array_equal", "pandas.testing.assert_extension_array_equal"),
            ("assert_frame_equal", "pandas.testing.assert_frame_equal"),
            ("assert_index_equal", "pandas.testing.assert_index_equal"),
            ("assert_series_equal", "pandas.testing.assert_series_equal"),
        ],
    ),
    ("pydantic.generics", "pydantic 2.0", &[("GenericModel", "pydantic.BaseModel")]),
    ("sqlalchemy", "SQLAlchemy 2.0", &[("Binary", "sqlalchemy.LargeBinary")]),
    (
        "sqlalchemy.orm",
        "SQLAlchemy 2.0",
        &[("eagerload", "sqlalchemy.orm.joinedload"), ("relation", "sqlalchemy.orm.relationship")],
    ),
    (
        "werkzeug",
        "Werkzeug 1.0",
        &[
            ("FileStorage", "werkzeug.datastructures.FileStorage"),
            ("ImmutableMultiDict", "werkzeug.datastructures.ImmutableMultiDict"),
            ("MultiDict", "werkzeug.datastructures.MultiDict"),
            ("cached_property", "werkzeug.utils.cached_property"),
            ("check_password_hash", "werkzeug.security.check_password_hash"),
            ("generate_password_hash", "werkzeug.security.generate_password_hash"),
            ("secure_filename", "werkzeug.utils.secure_filename"),
        ],
    ),
    ("werkzeug.contrib.fixers", "Werkzeug 1.0", &[("ProxyFix", "werkzeug.middleware.proxy_fix.ProxyFix")]),
    ("werkzeug.security", "Werkzeug 2.1", &[("safe_str_cmp", "hmac.compare_digest")]),
    (
        "werkzeug.urls",
        "Werkzeug 3.0",
        &[
            ("url_encode", "urllib.parse.urlencode"),
            ("url_join", "urllib.parse.urljoin"),
            ("url_parse", "urllib.parse.urlsplit"),
            ("url_quote", "urllib.parse.quote"),
            ("url_quote_plus", "urllib.parse.quote_plus"),
            ("url_unparse", "urllib.parse.urlunsplit"),
            ("url_unquote", "urllib.parse.unquote"),
            ("url_unquote_plus", "urllib.parse.unquote_plus"),
        ],
    ),
];

pub(super) const METHODS: Methods = &[
    ("DataFrame", "applymap", "map", "pandas 3.0"),
    ("DataFrame", "as_matrix", "to_numpy", "pandas 1.0"),
    ("DataFrame", "iteritems", "items", "pandas 2.0"),
    ("Series", "as_matrix", "to_numpy", "pandas 1.0"),
    ("Series", "iteritems", "items", "pandas 2.0"),
    ("DiGraph", "node", "nodes", "NetworkX 2.4"),
    ("Graph", "node", "nodes", "NetworkX 2.4"),
    ("MultiDiGraph", "node", "nodes", "NetworkX 2.4"),
    ("MultiGraph", "node", "nodes", "NetworkX 2.4"),
    ("Retry", "DEFAULT_METHOD_WHITELIST", "DEFAULT_ALLOWED_METHODS", "urllib3 2.0"),
    ("Retry", "DEFAULT_REDIRECT_HEADERS_BLACKLIST", "DEFAULT_REMOVE_HEADERS_ON_REDIRECT", "urllib3 2.0"),
    ("Retry", "method_whitelist", "allowed_methods", "urllib3 2.0"),
];
